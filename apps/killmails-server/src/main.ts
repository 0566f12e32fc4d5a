#!/usr/bin/env node
import { main, runServer } from '@roomcast/server';
import { readKillmailsEnvironment } from './environment.js';
import { killmailsServer } from './server.js';

await main(async () => runServer(await killmailsServer(readKillmailsEnvironment())));
