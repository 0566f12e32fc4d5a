import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { tlsFolder } from '../entries.js';
import { naive, ours, socketIo } from '../run/contenders.js';
import { type Case, cpuFigure } from './case.js';

const members = 500;
/** Little enough for a loader that has to decrypt it all. */
const calm = 20_000;

export const tlsCase: Case = {
  name: 'tls',
  title: 'One room of 500 over TLS',
  contenders: [naive, socketIo, ours],
  figures: [
    cpuFigure('cpu32', 'CPU per delivery, 32 in flight'),
    cpuFigure('cpuCalm', 'CPU per delivery, 20,000 deliveries/s'),
    { metric: 'p99', title: 'p99 at 20,000/s', unit: 'µs', compared: true },
  ],
  goals: [],
  sockets: members + 1,
  about: 8,
  rounds: 3,
  async measure(contender, stage) {
    const tls = { key: read('key.pem'), cert: read('cert.pem') };
    const server = await stage.start(contender, { tls });
    return stage.load({ mode: 'room', members, windows: [32], calm, seconds: stage.seconds }, server);
  },
};

function read(name: string): string {
  return readFileSync(join(tlsFolder, name), 'utf8');
}
