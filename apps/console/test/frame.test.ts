import { hasTool } from '@roomcast/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  backToTheDemo,
  closeDialog,
  connectTo,
  expectText,
  isLive,
  itemsOf,
  publish,
  sentenceOf,
} from './support/page.js';
import { openWorld, type World } from './support/world.js';

describe.skipIf(!hasTool('chromium'))('in Chromium', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  }, 120_000);
  afterAll(() => world?.close());

  const subscriptions = (page: Page) => page.getByRole('list', { name: 'Subscribed to' });

  test('another demo role sees and may do other things', async () => {
    const page = await world.open('vmax');
    await isLive(page);
    await expectText(subscriptions(page), /^fleet:fleet-paintball-paradise$/);
    await page.getByLabel('Signed in as').selectOption('user-owner');
    await page.getByText('as REG_OWNER').waitFor();
    await expectText(subscriptions(page), /^Nothing: /);
    await page.getByLabel('Id of the fleet').fill('fleet-paintball-paradise');
    await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
    await expectText(sentenceOf(page), /Not authorized to subscribe to this fleet/);
    await page.getByLabel('What to subscribe to').selectOption('regulator');
    await page.getByLabel('Id of the regulator').fill('reg-0001');
    await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
    await expectText(subscriptions(page), /^regulator:reg-0001$/);
    // What went well is no reason to go on telling what did not.
    await expectText(sentenceOf(page), /^$/);
    await page.context().close();
  });

  test('raw frames go by with times and directions, and are copied without the token', async () => {
    const page = await world.open('raffle', { permissions: ['clipboard-read', 'clipboard-write'] });
    await isLive(page);
    await page.keyboard.press('f');
    const frames = itemsOf(page, 'Frames, newest first');
    await frames.filter({ hasText: 'received' }).first().waitFor();
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByRole('button', { name: 'Copy' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const lines = String(await page.evaluate('navigator.clipboard.readText()')).split('\n');
    for (const line of lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z [<>-] ./);
    expect(lines.find((line) => line.includes('"auth"'))).toMatch(/> .*"token":"•••"/);
    await page.getByLabel('Show only frames that contain').fill('"auth"');
    await expect.poll(() => frames.count()).toBe(1);
    await page.context().close();
  });

  test('what was entered is forgotten with the tab, unless asked to be kept', async () => {
    const page = await world.open('killmails');
    await isLive(page);
    await connectTo(page, { token: 'your-api-token' });
    await isLive(page);
    expect(await page.evaluate('localStorage.length')).toBe(0);
    await page.reload();
    await isLive(page);
    expect(await page.getByLabel('Signed in as').inputValue()).toBe('');
    const other = await page.context().newPage();
    await other.goto(`${world.url}/#/killmails`);
    await isLive(other);
    await expect.poll(() => other.getByLabel('Signed in as').inputValue()).toBe('token-1');
    await connectTo(other, { token: 'your-api-token', isKept: true });
    expect(await page.evaluate('Object.keys(localStorage)')).toEqual(['roomcast.killmails']);
    await backToTheDemo(other);
    expect(await other.evaluate('localStorage.length')).toBe(0);
    await page.context().close();
  });

  test('another server is not asked for the demo role of the one before', async () => {
    const page = await world.open('raffle');
    await isLive(page);
    expect(await page.getByLabel('Signed in as').inputValue()).toBe('alice');
    await connectTo(page, { url: world.services.entrance('raffle').replace('127.0.0.1', 'localhost') });
    await isLive(page);
    await expect.poll(() => page.getByLabel('Signed in as').inputValue()).toBe('');
    await page.context().close();
  });

  test('a system that is not known by its name is asked for by its id', async () => {
    const page = await world.open('killmails');
    await isLive(page);
    await page.getByLabel('System by name or id').fill('Nowhere Land');
    await page.getByRole('button', { name: 'Subscribe', exact: true }).click();
    await expectText(page.getByRole('alert'), /^No system called “Nowhere Land” is known here/);
    await page.context().close();
  });

  test('two people talk in a room, and see each other come', async () => {
    const ariel = await world.open('falcon');
    const bram = await world.open('falcon');
    await isLive(ariel);
    await bram.getByLabel('Signed in as').selectOption({ label: 'Bram Okonedo' });
    await isLive(bram);
    await itemsOf(ariel, 'Notifications and events, newest first')
      .filter({ hasText: 'Bram Okonedo is online' })
      .waitFor();
    await ariel.getByLabel('Message to thread:welcome').fill('Good evening');
    await ariel.keyboard.press('Enter');
    const seen = itemsOf(bram, 'Messages in thread:welcome, newest first').filter({ hasText: 'Good evening' });
    await seen.waitFor();
    await ariel.context().close();
    await bram.context().close();
  });

  test('a publication that is not valid is answered with its issues', async () => {
    const page = await world.open('vmax');
    await isLive(page);
    await page.keyboard.press('p');
    const dialog = page.getByRole('dialog');
    await dialog
      .getByLabel('As the publish API takes it')
      .fill('{"fleetId":"f","type":"TELEMETRY_RECEIVED","payload":{}}');
    await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
    await expectText(dialog.getByRole('status'), /HTTP 400[\s\S]*0?\.?payload\.regulatorId/);
    await closeDialog(page);
    await publish(page, 'A regulator comes back');
    await page.context().close();
  });

  test('operations shows every service, its sessions, and ends one', async () => {
    const page = await world.open('operations');
    for (const title of ['Killmails', 'Falcon', 'SpyWatcher', 'Raffle', 'VMAX']) {
      await expectText(page.getByRole('row', { name: title }), /Ready/);
    }
    await page.getByRole('row', { name: 'VMAX' }).getByRole('button').click();
    const sessions = itemsOf(page, 'Sessions of VMAX');
    // Those of pages that are closed by now may be listed for a moment longer.
    await expect.poll(() => sessions.count()).toBe(1);
    const session = sessions.first();
    await expectText(session, /user-manager/);
    await itemsOf(page, 'Rooms of VMAX').filter({ hasText: 'fleet:fleet-paintball-paradise' }).first().waitFor();
    await session.getByRole('button', { name: /^Disconnect/ }).click();
    await page.keyboard.press('6');
    await page.keyboard.press('f');
    await itemsOf(page, 'Frames, newest first').filter({ hasText: 'is closed:' }).first().waitFor();
    await isLive(page);
    await page.context().close();
  });
});
