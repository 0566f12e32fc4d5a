import { Meter } from './loader/meter.js';
import { type LoadOrder, runLoad } from './loader/run.js';

/** Usage: node loader.js ORDER, where ORDER is JSON. Prints the samples, or what went wrong, as one line of JSON. */
const order: LoadOrder = JSON.parse(process.argv[2] ?? '{}');

try {
  const samples = await runLoad(order);
  process.stdout.write(`${JSON.stringify({ samples, disturbance: Meter.disturbance })}\n`, () => process.exit(0));
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stdout.write(`${JSON.stringify({ error: message })}\n`, () => process.exit(1));
}
