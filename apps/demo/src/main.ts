import { createLogger, main, stopOnSignals } from '@roomcast/server';
import { demoEnvironment, type Service, startServices, stopServices } from './services.js';

/** How long stopping may take, in milliseconds: nobody waits long for a demo. */
const withinMs = 5000;

await main(async () => {
  const env = demoEnvironment({ DRAIN_MS: String(withinMs), ...process.env });
  // What the servers have to say would drown what is printed here for people: only trouble is shown.
  const logger = createLogger({ level: env.LOG_LEVEL ?? 'error', service: 'demo' });
  const services = await startServices(env, logger);
  stopOnSignals({ close: () => stopServices(services), withinMs, logger });
  console.log(describe(services));
});

function describe(services: readonly Service[]): string {
  const lines = services.flatMap(({ name, url, commands }) => [
    `${name.padEnd(11)} ${url}`,
    ...commands.map(([what, command]) => `  ${what}:\n    ${command}`),
    '',
  ]);
  return ['', ...lines, 'Press Ctrl-C to stop.'].join('\n');
}
