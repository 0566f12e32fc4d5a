#!/usr/bin/env node
import { main, runServer } from '@roomcast/server';
import { readVmaxEnvironment } from './environment.js';
import { printPasswordHash } from './hash-password.js';
import { vmaxServer } from './server.js';

await main(async () => {
  if (process.argv[2] === 'hash-password') await printPasswordHash(process.stdin, process.stdout);
  else await runServer(await vmaxServer(readVmaxEnvironment()));
});
