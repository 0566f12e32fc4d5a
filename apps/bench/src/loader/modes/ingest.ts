import { readFileSync } from 'node:fs';
import { parseKillmail } from '@roomcast/killmails-protocol';
import { killmailsFile } from '../../entries.js';
import type { Placement } from '../meter.js';
import { Meter, type Samples, sample } from '../meter.js';
import { percentile } from '../percentile.js';

/** Reading and checking real killmails, against reading them alone. Needs no server. */
export interface IngestLoad {
  readonly mode: 'ingest';
  readonly seconds: number;
}

/** Samples `parse` and `checked`: µs per killmail of `JSON.parse`, and of it with the check. */
export function ingest({ seconds }: IngestLoad, placement: Placement): Samples {
  const texts = readFileSync(killmailsFile, 'utf8').trim().split('\n');
  const parse = () => {
    for (const text of texts) JSON.parse(text);
  };
  const check = () => {
    for (const text of texts) if (!parseKillmail(JSON.parse(text)).ok) throw new Error('a real killmail was refused');
  };
  for (let n = 0; n < 10; n++) {
    parse();
    check();
  }
  const parsed: number[] = [];
  const checked: number[] = [];
  const meter = new Meter({ ...placement, pid: process.pid, loaderCore: -1 });
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    parsed.push(cpuOf(parse) / texts.length);
    checked.push(cpuOf(check) / texts.length);
  }
  // The loader is what is measured: that its core is busy is no doubt.
  const { doubt } = meter.read({ paced: true, shared: true });
  return { parse: sample(median(parsed), doubt), checked: sample(median(checked), doubt) };
}

function cpuOf(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

function median(values: number[]): number {
  return percentile(
    values.sort((a, b) => a - b),
    0.5,
  );
}
