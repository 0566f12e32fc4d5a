#!/usr/bin/env node
import { main, runServer } from '@roomcast/server';
import { readSpywatcherEnvironment } from './environment.js';
import { spywatcherServer } from './server.js';

await main(async () => runServer(await spywatcherServer(readSpywatcherEnvironment())));
