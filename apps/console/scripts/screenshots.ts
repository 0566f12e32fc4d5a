// Makes the pictures of the README, of a demo that is running: pnpm screenshots [URL of the console]
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from './browser.js';

const url = process.argv[2] ?? 'http://127.0.0.1:4000';
const folder = fileURLToPath(new URL('../screenshots', import.meta.url));
/** Long enough for lists to fill and for the charts to have a shape. */
const watchMs = Number(process.env.WATCH_MS ?? 45_000);
const places = ['operations', 'killmails', 'falcon', 'spywatcher', 'raffle', 'vmax'];
const sizes = [
  { width: 1440, height: 900, colorScheme: 'dark' },
  { width: 360, height: 740, colorScheme: 'light' },
] as const;

const browser = await launch();
await Promise.all(
  sizes.map(async ({ width, height, colorScheme }) => {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(`${url}/#/operations`);
    await page.waitForTimeout(watchMs);
    for (const place of places) {
      await page.evaluate(`location.hash = '#/${place}'`);
      // The operations view counts from when it is shown: it needs a few readings.
      await page.waitForTimeout(1500);
      await page.screenshot({ path: join(folder, `${place}-${width}.png`) });
    }
    await page.close();
  }),
);
await browser.close();
console.log(`${places.length * sizes.length} screenshots in ${folder}`);
