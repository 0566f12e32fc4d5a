import { hasTool } from '@roomcast/testing';
import { SignJWT } from 'jose';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backToTheDemo, connectTo, expectText, isLive, itemsOf, publish, sentenceOf, stateOf } from './support/page.js';
import type { ServiceName } from './support/services.js';
import { openWorld, type World } from './support/world.js';

/** Where each service's events are listed. */
const lists: Readonly<Record<ServiceName, string>> = {
  killmails: 'Kills, newest first',
  falcon: 'Notifications and events, newest first',
  spywatcher: 'Events of the guilds, newest first',
  raffle: 'Events of the platform, newest first',
  vmax: 'Activity of the fleet, newest first',
};

/** An event that can be published, and a word of the row that tells of it. */
const published: Readonly<Record<ServiceName, readonly [template: string, word: string]>> = {
  killmails: ['A kill in Jita', 'Pilot 2'],
  falcon: ['An announcement to everybody', 'Downtime in 15 minutes'],
  spywatcher: ['Somebody joins the guild', 'quietcat came'],
  raffle: ['An alert for everybody', 'Hello from the console'],
  vmax: ['The fleet’s configuration changes', 'maxRentalMinutes'],
};

const names = Object.keys(lists) as ServiceName[];
/** The claims that each service's tokens must have. */
const claims: Readonly<Record<Exclude<ServiceName, 'killmails'>, object>> = {
  falcon: {
    user_id: '7d0f3a52-1c64-4a0e-9b8e-1f6a5c1d0001',
    character_id: 90000001,
    character_name: 'Ariel',
    scopes: '',
    iss: 'go-falcon',
  },
  spywatcher: { discordId: '100000000000000002', access: true, role: 'MODERATOR' },
  raffle: { sub: 'alice', username: 'alice', email: 'a@example.com', role: 'User', jti: '1', token_type: 'access' },
  vmax: { sub: 'm@example.com', userId: 'user-manager', role: 'FLEET_MGR', fleetId: 'fleet-paintball-paradise' },
};
const unreachable = 'ws://127.0.0.1:2';

describe.skipIf(!hasTool('chromium'))('in Chromium', () => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
  }, 120_000);
  afterAll(() => world?.close());

  const rows = (page: Page, name: ServiceName) => itemsOf(page, lists[name]);

  describe.each(names)('%s', (name) => {
    test('shows what happens, and goes on after the server was restarted', async () => {
      const page = await world.open(name);
      await isLive(page);
      await rows(page, name).first().waitFor();
      await world.services.stop(name);
      await expectText(stateOf(page), /^Reconnecting$/);
      await expectText(sentenceOf(page), /^Nothing answers at http:\/\/127\.0\.0\.1:\d+: start the server there/);
      await world.services.startAgain(name);
      await isLive(page);
      await expectText(sentenceOf(page), /^$/);
      const [template, word] = published[name];
      await publish(page, template);
      await rows(page, name).filter({ hasText: word }).first().waitFor();
      await page.context().close();
    });

    test('is cut, and goes on when it is restored; its frames tell of it', async () => {
      const page = await world.open(name);
      await isLive(page);
      await page.keyboard.press('c');
      await expectText(stateOf(page), /^Cut$/);
      await page.getByRole('button', { name: 'Restore' }).click();
      await isLive(page);
      await page.keyboard.press('f');
      const frames = itemsOf(page, 'Frames, newest first');
      await frames.filter({ hasText: 'received' }).first().waitFor();
      await page.getByLabel('Show only frames that contain').fill('the line is');
      // An attempt that waits while the line is cut may be told of, too, or come later.
      const cutAndRestored = async () => (await frames.allTextContents()).filter((text) => !text.includes('waits'));
      await expect
        .poll(cutAndRestored)
        .toEqual([
          expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3}.*connection.*restored$/),
          expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{3}.*connection.*cut$/),
        ]);
      await page.context().close();
    });

    test('says that a token is refused, and that another protocol is spoken', async () => {
      const page = await world.open(name);
      await isLive(page);
      await connectTo(page, { token: 'a-wrong-token-1' });
      await expectText(sentenceOf(page), /^The server refused this token: /);
      const other = name === 'killmails' ? 'vmax' : 'killmails';
      await connectTo(page, { url: world.services.entrance(other) });
      await expectText(sentenceOf(page), new RegExp(` is a ${other === 'vmax' ? 'VMAX' : 'Killmails'} server, not `));
      // The page's own server is a web server like any other.
      await connectTo(page, { url: world.url });
      await expectText(sentenceOf(page), / answers, but is no .+ server: correct the URL\.$/);
      await connectTo(page, { url: 'mailto:nobody' });
      await expectText(sentenceOf(page), /^That URL cannot be used: expected /);
      await connectTo(page, { url: unreachable });
      await expectText(sentenceOf(page), /^Nothing answers at /);
      await backToTheDemo(page);
      await isLive(page);
      await page.context().close();
    });
  });

  test.each(Object.entries(claims))('%s: an expired token is called so', async (name, given) => {
    const expired = await new SignJWT({ ...given, iat: 1_700_000_000, exp: 1_700_000_900 })
      .setProtectedHeader({ alg: 'HS256' })
      .sign(world.services.secret(name as ServiceName));
    const page = await world.open(name);
    await isLive(page);
    await connectTo(page, { token: expired });
    await expectText(sentenceOf(page), /^The token expired on .*2023.*: enter a new one, or sign in again\.$/);
    await page.context().close();
  });
});
