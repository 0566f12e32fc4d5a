import { AxeBuilder } from '@axe-core/playwright';
import { hasTool } from '@roomcast/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { closeDialog, isLive, itemsOf } from './support/page.js';
import { openWorld, type World } from './support/world.js';

const places = ['operations', 'killmails', 'falcon', 'spywatcher', 'raffle', 'vmax'];

/** What is wrong with a page for those who cannot see it as others do. */
async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
}

describe.skipIf(!hasTool('chromium'))('in Chromium', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  }, 120_000);
  afterAll(() => world?.close());

  test.each([
    ['dark', 1440],
    ['light', 360],
    ['light', 1440],
  ] as const)('axe finds nothing wrong, %s at %i pixels', async (colorScheme, width) => {
    const page = await world.open('raffle', { colorScheme, viewport: { width, height: 900 } });
    await isLive(page);
    await itemsOf(page, 'Events of the platform, newest first').first().waitFor();
    for (const place of places) {
      await page.evaluate(`location.hash = '#/${place}'`);
      await page.locator(`.app[data-place=${place}] h1`).waitFor();
      expect(await violations(page), place).toEqual([]);
    }
    await page.keyboard.press('f');
    for (const key of ['p', 's', '?']) {
      await page.keyboard.press(key);
      await page.getByRole('dialog').waitFor();
      expect(await violations(page), `dialog of ${key}`).toEqual([]);
      await closeDialog(page);
    }
    await page.context().close();
  });

  test.each([360, 1440])('nothing is cut off at %i pixels', async (width) => {
    const page = await world.open('operations', { viewport: { width, height: 740 } });
    for (const place of places) {
      await page.evaluate(`location.hash = '#/${place}'`);
      await page.locator(`.app[data-place=${place}] h1`).waitFor();
      const widest = await page.evaluate(
        "Math.max(...['.main', '.content', '.rail', '.view-header'].map((one) => document.querySelector(one).scrollWidth))",
      );
      expect(widest, place).toBeLessThanOrEqual(width);
    }
    await page.evaluate("location.hash = '#/operations'");
    await itemsOf(page, 'Sessions of Killmails').first().waitFor();
    // As high as a row: nothing of it has slipped into a line below.
    expect(await page.evaluate("document.querySelector('.session').scrollHeight")).toBeLessThanOrEqual(40);
    await page.context().close();
  });

  test('on a phone the frames stay in sight beside the one that is read', async () => {
    const page = await world.open('vmax', { viewport: { width: 360, height: 740 } });
    await isLive(page);
    await page.getByRole('button', { name: 'Frames' }).click();
    await itemsOf(page, 'Frames, newest first').getByRole('button').first().click();
    await page.getByRole('region', { name: 'The chosen frame' }).waitFor();
    const list = await page.getByRole('list', { name: 'Frames, newest first' }).boundingBox();
    expect(list?.height).toBeGreaterThan(3 * 26);
    await page.context().close();
  });

  test('every control is reached and used by keyboard', async () => {
    const page = await world.open('operations');
    await page.locator('.app h1').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    expect(await page.evaluate('document.activeElement.id')).toBe('content');
    await page.keyboard.press('5');
    await isLive(page);
    const reached = new Set<string>();
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press('Tab');
      const named =
        'document.activeElement.ariaLabel || document.activeElement.innerText || document.activeElement.tagName';
      reached.add(String(await page.evaluate(named)).trim());
    }
    const controls = ['Signed in as', 'Cut', 'Publish', 'Frames', 'Settings', 'Events of the platform, newest first'];
    expect([...reached]).toEqual(expect.arrayContaining(controls));
    await page.context().close();
  });

  test('a dialog opens on its first field, and gives the focus back, however it is closed', async () => {
    const page = await world.open('raffle');
    await isLive(page);
    const focused = () => page.evaluate('document.activeElement.textContent || document.activeElement.tagName');
    const settings = page.getByRole('button', { name: 'Settings', exact: true });
    await settings.focus();
    for (const closing of ['Escape', 'Enter']) {
      await page.keyboard.press('Enter');
      await page.getByRole('dialog').waitFor();
      expect(await page.evaluate('document.activeElement.labels?.[0].textContent')).toBe('URL');
      await page.keyboard.press(closing);
      // By its element: the role is gone as soon as it is closed, which is before the page has heard of it.
      await page.locator('dialog').waitFor({ state: 'detached' });
      expect(await focused()).toBe('Settings');
    }
    await page.context().close();
  });

  test('the theme follows the system until another is chosen', async () => {
    const page = await world.open('operations', { colorScheme: 'light' });
    const ground = () => page.evaluate('getComputedStyle(document.documentElement).colorScheme');
    await page.getByRole('button', { name: 'Theme: system. Change' }).click();
    await expect.poll(ground).toBe('dark');
    await page.getByRole('button', { name: 'Theme: dark. Change' }).click();
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(ground).toBe('light');
    await page.getByRole('button', { name: 'Theme: light. Change' }).click();
    await expect.poll(ground).toBe('dark');
    await page.emulateMedia({ colorScheme: 'light' });
    await expect.poll(ground).toBe('light');
    await page.context().close();
  });

  test('under a burst nothing jumps, and only rows that are seen exist', async () => {
    const page = await world.open('vmax');
    await isLive(page);
    const rows = itemsOf(page, 'Activity of the fleet, newest first');
    await rows.first().waitFor();
    await page.evaluate(
      'window.shift = 0; new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shift += entry.value; }).observe({ type: "layout-shift" })',
    );
    const fleetId = 'fleet-paintball-paradise';
    for (let batch = 0; batch < 20; batch++) {
      const events = Array.from({ length: 100 }, (_, index) => {
        const payload = { regulatorId: `burst-${index}`, timestamp: new Date().toISOString(), soc: batch, soh: 90 };
        return { fleetId, type: 'TELEMETRY_RECEIVED', payload };
      });
      await world.services.publish('vmax', ...events);
    }
    await rows.filter({ hasText: 'burst-99: charge 19 %' }).waitFor();
    await expect.poll(() => rows.first().getAttribute('aria-setsize')).toBe('1000');
    expect(await rows.count()).toBeLessThan(60);
    expect(await page.locator('.regulator').count()).toBeLessThan(120);
    expect(await page.evaluate('window.shift')).toBeLessThan(0.05);
    await page.context().close();
  });
});
