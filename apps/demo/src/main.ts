import { createLogger, main, stopOnSignals } from '@roomcast/server';
import { startConsole } from './console.js';
import { demoEnvironment, type Service, startServices, stopServices } from './services.js';

/** How long stopping may take, in milliseconds: nobody waits long for a demo. */
const withinMs = 5000;

await main(async () => {
  const env = demoEnvironment({ DRAIN_MS: String(withinMs), ...process.env });
  // What the servers have to say would drown what is printed here for people: only trouble is shown.
  const logger = createLogger({ level: env.LOG_LEVEL ?? 'error', service: 'demo' });
  const page = await startConsole(env);
  const services = await startServices({ ...env, ALLOWED_ORIGINS: page.allowedOrigins }, logger);
  page.show(services);
  stopOnSignals({ close: () => Promise.all([page.close(), stopServices(services)]), withinMs, logger });
  await page.ready;
  console.log(describe(services, page.url));
});

function describe(services: readonly Service[], pageUrl: string): string {
  const lines = services.flatMap(({ name, url, commands }) => [
    `${name.padEnd(11)} ${url}`,
    ...commands.map(([what, command]) => `  ${what}:\n    ${command}`),
    '',
  ]);
  const page = `${'console'.padEnd(11)} ${pageUrl}\n  all of it on one page, live: open it in a browser\n`;
  return ['', ...lines, page, 'Press Ctrl-C to stop.'].join('\n');
}
