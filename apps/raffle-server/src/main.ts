#!/usr/bin/env node
import { main, runServer } from '@roomcast/server';
import { readRaffleEnvironment } from './environment.js';
import { raffleServer } from './server.js';

await main(async () => runServer(await raffleServer(readRaffleEnvironment())));
