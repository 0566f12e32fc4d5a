// Measures how the page bears 500 events a second, of a demo that is running: pnpm load [URL of the console]
import { launch } from './browser.js';

const url = process.argv[2] ?? 'http://127.0.0.1:4000';
const places = ['killmails', 'falcon', 'spywatcher', 'raffle', 'vmax'];
const seconds = 10;
const perSecond = 500;

interface Figures {
  frames: number;
  slowFrames: number;
  worstFrameMs: number;
  longTasks: number;
  longestTaskMs: number;
  layoutShift: number;
}

/** Runs in the page: counts its frames, and what holds them up, until it is asked for the figures. */
const watch = `
  window.figures = { frames: 0, slowFrames: 0, worstFrameMs: 0, longTasks: 0, longestTaskMs: 0, layoutShift: 0 };
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) {
      figures.longTasks++;
      figures.longestTaskMs = Math.max(figures.longestTaskMs, duration);
    }
  }).observe({ type: 'longtask' });
  new PerformanceObserver((list) => {
    for (const { value } of list.getEntries()) figures.layoutShift += value;
  }).observe({ type: 'layout-shift' });
  let last = performance.now();
  const frame = (now) => {
    const took = now - last;
    last = now;
    figures.frames++;
    if (took > 34) figures.slowFrames++;
    figures.worstFrameMs = Math.max(figures.worstFrameMs, took);
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
`;

const browser = await launch();
console.log(`${perSecond} events a second for ${seconds} s:`);
for (const place of places) {
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  await page.goto(`${url}/#/${place}`);
  await page.waitForTimeout(4000);
  await page.evaluate(watch);
  await page.keyboard.press('p');
  // The first event of each list is the one that comes often.
  await page.getByRole('button', { name: `${perSecond} a second for ${seconds} s` }).click();
  await page.keyboard.press('Escape');
  await page.waitForTimeout((seconds * 1000) / 2);
  const arriving = (await page.locator('.rail-link[aria-current] .rail-rate').textContent()) ?? '';
  await page.waitForTimeout((seconds / 2 + 1) * 1000);
  const { frames, slowFrames, worstFrameMs, longTasks, longestTaskMs, layoutShift } = (await page.evaluate(
    'figures',
  )) as Figures;
  const rate = (frames / (seconds + 1)).toFixed(0);
  console.log(
    `${place.padEnd(10)} ${arriving.padStart(6)} arriving: ${rate} frames/s, ${slowFrames} over 34 ms (worst ${worstFrameMs.toFixed(0)} ms); ` +
      `${longTasks} tasks over 50 ms (longest ${longestTaskMs.toFixed(0)} ms); layout shift ${layoutShift.toFixed(3)}`,
  );
  await page.close();
}
await browser.close();
