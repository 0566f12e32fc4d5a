import { hasTool } from '@roomcast/testing';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { expectText, isLive, itemsOf, signInAs } from './support/page.js';
import { openWorld, type World } from './support/world.js';

const now = () => new Date().toISOString();
const panel = (page: Page, title: string) => page.getByRole('region', { name: title, exact: true });

describe.skipIf(!hasTool('chromium'))('in Chromium', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  }, 120_000);
  afterAll(() => world?.close());

  test('killmails: systems are followed by name, each with its count and its part of the chart', async () => {
    const perimeter = 30000144;
    const jita = 30000142;
    let id = Date.now();
    const kill = (solar_system_id: number, ship_type_name: string) => ({
      killmail_id: id++,
      killmail_time: now(),
      solar_system_id,
      victim: { character_name: 'Nia Test', ship_type_name },
      attackers: [],
    });
    const page = await world.open('killmails');
    const kills = itemsOf(page, 'Kills, newest first').filter({ hasText: 'Nia Test' });
    await isLive(page);
    await page.getByLabel('System by name or id').fill('perimeter');
    await page.keyboard.press('Enter');
    const system = panel(page, 'Systems').getByRole('listitem').filter({ hasText: 'Perimeter' });
    await system.waitFor();
    await page.getByRole('button', { name: 'Frames' }).click();
    // The server's word that it is subscribed.
    await itemsOf(page, 'Frames, newest first')
      .filter({ hasText: /received.*phx_reply.*30000144/ })
      .first()
      .waitFor();
    await world.services.publish('killmails', kill(perimeter, 'Drake'), kill(perimeter, 'Merlin'));
    await expectText(kills.filter({ hasText: 'Drake' }), /Perimeter/);
    await expectText(system, /\b2$/);
    const chart = page.getByRole('img', {
      name: /^Bar chart: ([2-9]|\d\d+) kills in the last 10 minutes, in 6 systems$/,
    });
    await chart.locator('canvas').waitFor();

    await page.getByRole('button', { name: 'Unsubscribe from Perimeter' }).click();
    await system.waitFor({ state: 'detached' });
    await world.services.publish('killmails', kill(perimeter, 'Retriever'), kill(jita, 'Capsule'));
    await kills.filter({ hasText: 'Capsule' }).waitFor();
    expect(await kills.filter({ hasText: 'Retriever' }).count()).toBe(0);
    await page.context().close();
  });

  test('falcon: rooms are joined and left, one is told what waits in them, and how people are', async () => {
    const page = await world.open('falcon');
    const other = await world.open('falcon');
    await signInAs(other, 'Bram Okonedo');
    await isLive(page);
    await page.getByLabel('Room to join').fill('thread:42');
    await page.keyboard.press('Enter');
    await panel(page, 'thread:42').waitFor();
    const room = panel(page, 'Rooms').getByRole('listitem').filter({ hasText: '42' });
    await expectText(room, /\b1$/);
    await page.getByRole('button', { name: /^welcome/ }).click();
    await world.services.publish('falcon', { type: 'message', room: 'thread:42', data: { text: 'Are you there?' } });
    await expectText(room, /\b1 new\b/);
    await room.getByRole('button', { name: /^42/ }).click();
    await itemsOf(page, 'Messages in thread:42, newest first').filter({ hasText: 'Are you there?' }).waitFor();
    await page.getByRole('button', { name: 'Leave thread:42' }).click();
    await room.waitFor({ state: 'detached' });
    // What one has left is not shown any more.
    await panel(page, 'thread:welcome').waitFor();

    const ariel = '7d0f3a52-1c64-4a0e-9b8e-1f6a5c1d0001';
    const data = { title: 'Contract', message: 'Accepted' };
    await world.services.publish('falcon', { type: 'notification', user_id: ariel, data });
    await itemsOf(page, 'Notifications and events, newest first').filter({ hasText: 'Contract: Accepted' }).waitFor();
    await page.getByLabel('You are').selectOption('away');
    await expectText(panel(other, 'Presence').getByRole('listitem').filter({ hasText: 'Ariel Vance' }), /\baway$/);
    await page.context().close();
    await other.context().close();
  });

  test('falcon: people have names before anybody looks', async () => {
    const page = await world.open('operations');
    const base = `http://127.0.0.1:${world.services.port('falcon')}`;
    const people = page.waitForResponse(
      (response) => response.url() === `${base}/demo/session` && response.request().method() === 'GET',
    );
    await page.reload();
    await (await people).finished();
    await expectText(page.getByRole('link', { name: /^Falcon/ }), /Live/);
    const data = {
      user_id: '7d0f3a52-1c64-4a0e-9b8e-1f6a5c1d0001',
      group_id: 'cooks',
      group_name: 'Cooks',
      joined: true,
    };
    await world.services.publish('falcon', { type: 'group_membership_change', data });
    await page.getByRole('link', { name: /^Falcon/ }).click();
    await itemsOf(page, 'Notifications and events, newest first')
      .filter({ hasText: 'Ariel Vance joined Cooks' })
      .waitFor();
    await page.context().close();
  });

  test('spywatcher: ghosts, lurkers and channel diversity are those of the moment', async () => {
    const page = await world.open('spywatcher');
    await isLive(page);
    const guildId = '200000000000000001';
    const does = (username: string, activity: object) => ({
      guildId,
      activity: { userId: `id-of-${username}`, username, timestamp: now(), ...activity },
    });
    const channels = Array.from({ length: 12 }, (_, index) => ({ channelId: `c${index}`, channelName: `c${index}` }));
    await world.services.publish(
      'spywatcher',
      ...channels.map((channel) => does('shade', { type: 'typing', ...channel })),
      ...channels.map(() => does('mouse', { type: 'presence', status: 'online', clientStatus: { web: 'online' } })),
      ...channels.map((channel) => does('herald', { type: 'message', ...channel })),
    );
    const row = (title: string, name: string) => panel(page, title).getByRole('listitem').filter({ hasText: name });
    await expectText(row('Ghosts', 'shade'), /\d$/);
    await expectText(row('Lurkers', 'mouse'), /\d$/);
    await expectText(row('Channel diversity', 'herald'), /\b12$/);
    await page.context().close();
  });

  test('raffle: a grid fills up, somebody wins, and credits are told to whom they concern', async () => {
    const raffle = { raffle_id: 'raffle-of-the-test', item_id: 'item-of-the-test' };
    const box = (box_number: number, user_id: string) => {
      const counts = { boxes_remaining: 3 - box_number, completion_percentage: (box_number * 100) / 3 };
      return {
        message_type: 'box_purchased',
        data: { raffle_id: raffle.raffle_id, user_id, box_number, ...counts, purchased_at: now() },
      };
    };
    const page = await world.open('raffle');
    await isLive(page);
    const item = { item_id: raffle.item_id, seller_id: 'sam', name: 'Garden Gnome', category: 'Garden' };
    const created = { ...raffle, seller_id: 'sam', total_boxes: 3, box_price: 2, created_at: now() };
    await world.services.publish(
      'raffle',
      { message_type: 'item_created', data: { ...item, created_at: now() } },
      { message_type: 'raffle_created', data: created },
    );
    await panel(page, 'Raffles')
      .getByRole('button', { name: /^Garden Gnome/ })
      .click();
    const boxes = itemsOf(page, 'Boxes of Garden Gnome');
    expect(await boxes.allInnerTexts()).toEqual(['1', '2', '3']);
    await world.services.publish('raffle', box(1, 'alice'), box(2, 'bob'));
    await expectText(panel(page, 'Garden Gnome'), /1 of 3 left/);
    expect((await boxes.allInnerTexts()).map((text) => text.split(/\s+/))).toEqual([
      ['1', 'alice'],
      ['2', 'bob'],
      ['3'],
    ]);
    const won = { ...raffle, winner_user_ids: ['bob'], completed_at: now() };
    await world.services.publish('raffle', box(3, 'carol'), { message_type: 'winner_selected', data: won });
    await expectText(panel(page, 'Garden Gnome'), /Won by bob/);

    const gift = (user_id: string) => ({
      message_type: 'credits_issued',
      data: { user_id, amount: 123, source: 'birthday', issued_at: now() },
    });
    const told = panel(page, 'Credits').getByRole('listitem').filter({ hasText: '+123' });
    await world.services.publish('raffle', gift('bob'), gift('alice'));
    await expectText(told, /\balice\b/);
    await signInAs(page, 'adam@example.com');
    await told.waitFor({ state: 'detached' });
    await isLive(page);
    await world.services.publish('raffle', gift('bob'), gift('alice'));
    await expect.poll(async () => (await told.allInnerTexts()).join()).toMatch(/alice[\s\S]*bob/);
    await page.context().close();
  });

  test('vmax: a regulator stands under its status, with who has it and how charged it is', async () => {
    const page = await world.open('vmax');
    await isLive(page);
    const of = { regulatorId: 'reg-of-the-test', barcode: 'ZZ-1' };
    const publish = (type: string, payload: object) =>
      world.services.publish('vmax', { fleetId: 'fleet-paintball-paradise', type, payload: { ...of, ...payload } });
    const under = (status: string) => panel(page, status).getByRole('listitem').filter({ hasText: 'ZZ-1' });
    await publish('REGULATOR_STATUS_CHANGED', { previousStatus: 'CHARGING', newStatus: 'WAREHOUSE' });
    await under('warehouse').waitFor();
    await publish('REGULATOR_CHECKED_OUT', { firstName: 'Zoe', lastName: 'Quint', checkoutDateTime: now() });
    await expectText(under('checked out'), /Zoe Quint/);
    expect(await under('warehouse').count()).toBe(0);
    await publish('TELEMETRY_RECEIVED', { timestamp: now(), soc: 7, soh: 93 });
    await expectText(under('checked out'), /\b7 %/);
    await expectText(panel(page, 'Charge').getByRole('listitem').first(), /\b1$/);
    await publish('REGULATOR_CHECKED_IN', { checkinDateTime: now(), durationMinutes: 5, newStatus: 'MAINTENANCE' });
    await expectText(under('maintenance'), /health 93 %/);
    await page.context().close();
  });

  test('operations: the figures are those of the services', async () => {
    const titles = ['Killmails', 'Falcon', 'SpyWatcher', 'Raffle', 'VMAX'];
    const page = await world.open('operations');
    const figure = async (service: string, column: string) => {
      const columns = await page.getByRole('columnheader').allInnerTexts();
      return page.getByRole('row', { name: service }).locator('td, th').nth(columns.indexOf(column)).textContent();
    };
    const tile = (name: string) => page.locator('.tile').filter({ hasText: name }).locator('dd').textContent();
    await expect.poll(() => figure('VMAX', 'Connections')).toBe('1');
    expect(await figure('VMAX', 'Rooms')).toBe('1');
    expect(await figure('VMAX', 'Instances')).toBe('1');
    expect(await figure('VMAX', 'Queued')).toMatch(/^\d+ B$/);
    await expect.poll(() => figure('Raffle', 'Events/s')).toMatch(/[1-9]/);
    await expect.poll(() => figure('Raffle', 'Deliveries/s')).toMatch(/[1-9]/);
    // Whoever polled and went is counted by Socket.IO until a ping is not answered: there may be more than five.
    const sumOf = async (column: string) => {
      const all = await Promise.all(titles.map((title) => figure(title, column)));
      return String(all.reduce((sum, one) => sum + Number(one), 0));
    };
    await expect.poll(async () => (await tile('Connections')) === (await sumOf('Connections'))).toBe(true);
    expect(await tile('Instances')).toBe('5');
    await page
      .getByRole('img', { name: /^Line chart: [\d.]+ deliveries a second now/ })
      .locator('canvas')
      .waitFor();

    const other = await world.open('vmax');
    await isLive(other);
    await expect.poll(() => figure('VMAX', 'Connections')).toBe('2');
    await other.context().close();
    await world.services.stop('raffle');
    await expectText(page.getByRole('row', { name: 'Raffle' }), /No answer/);
    await world.services.startAgain('raffle');
    await expectText(page.getByRole('row', { name: 'Raffle' }), /Ready/);
    await page.context().close();
  });
});
