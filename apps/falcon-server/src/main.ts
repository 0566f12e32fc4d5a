#!/usr/bin/env node
import { main, runServer } from '@roomcast/server';
import { readFalconEnvironment } from './environment.js';
import { falconServer } from './server.js';

await main(async () => runServer(await falconServer(readFalconEnvironment())));
