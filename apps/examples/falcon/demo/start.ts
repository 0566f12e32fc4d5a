// Serves the demo page beside a falcon server of its own, until Ctrl-C.
import { readFalconEnvironment, startFalconServer } from '@roomcast/falcon-server';
import { serveDemoPage } from './page.js';

const server = await startFalconServer(
  readFalconEnvironment({ PORT: '0', LOG_LEVEL: 'warn', ...process.env, DEMO: '1' }),
);
const page = await serveDemoPage({ server: server.url, port: 5173 });
console.log(`falcon server ${server.url}\ndemo page     ${page.url}`);

process.once('SIGINT', () => {
  void Promise.all([page.close(), server.close(1000)]).then(() => process.exit());
});
