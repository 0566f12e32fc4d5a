import { silentLogger } from '@roomcast/engine';
import { readFalconEnvironment, startFalconServer } from '@roomcast/falcon-server';
import { hasTool, TcpProxy } from '@roomcast/testing';
import { type Browser, chromium, type Locator, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoPage, serveDemoPage } from '../falcon/demo/page.js';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

/** Waits until an element says it. */
async function says(element: Locator, text: string | RegExp): Promise<void> {
  await element.filter({ hasText: text }).first().waitFor();
}

describe.skipIf(!hasTool('chromium'))('the demo page in Chromium', () => {
  let site: DemoPage;
  /** The same by another way, which can be cut. */
  let far: DemoPage;
  let network: TcpProxy;
  let browser: Browser;
  const closing: (() => Promise<unknown>)[] = [];
  const problems: string[] = [];

  beforeAll(async () => {
    const server = await startFalconServer(readFalconEnvironment({ PORT: '0', DEMO: '1' }), { logger: silentLogger });
    closing.push(() => server.close(1000));
    network = await TcpProxy.to(Number(new URL(server.url).port));
    closing.push(() => network.close());
    site = await serveDemoPage({ server: server.url, port: 0 });
    closing.push(() => site.close());
    far = await serveDemoPage({ server: `http://127.0.0.1:${network.port}`, port: 0 });
    closing.push(() => far.close());
    browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: flags });
    closing.push(() => browser.close());
  });

  afterAll(async () => {
    for (const close of closing.reverse()) await close();
  });

  /** Somebody at a browser of their own. */
  async function signIn(name: string, { url }: DemoPage): Promise<Page> {
    const page = await (await browser.newContext()).newPage();
    page.on('pageerror', (error) => problems.push(String(error)));
    await page.goto(url);
    expect(await page.getByLabel('Connection', { exact: true }).textContent()).toBe('disconnected');
    await page.getByRole('button', { name }).click();
    await says(page.getByLabel('Connection', { exact: true }), 'connected');
    await says(page.getByRole('heading', { name: 'thread:welcome' }), 'thread:welcome joined');
    return page;
  }

  const say = async (page: Page, text: string) => {
    await page.getByRole('textbox', { name: 'Message' }).fill(text);
    await page.getByRole('button', { name: 'Send' }).click();
  };

  const heard = (page: Page, text: string) =>
    page.getByLabel('Messages').getByRole('listitem').filter({ hasText: text });

  test('two people talk, see each other come and go, lose the network, and find each other again', async () => {
    const ariel = await signIn('Ariel Vance', far);
    const bram = await signIn('Bram Okonedo', site);
    const connection = ariel.getByLabel('Connection', { exact: true });

    await say(ariel, 'Hello, Bram!');
    await heard(bram, 'Hello, Bram!').waitFor();
    await heard(ariel, 'Hello, Bram!').waitFor();

    const people = bram.getByLabel('People', { exact: true });
    await says(people, /0001: online/);
    await ariel.getByRole('button', { name: 'away' }).click();
    await says(people, /0001: away/);
    await says(ariel.getByLabel('Your status'), 'away');

    // A new connection finds nobody either, until the network is back.
    network.hold();
    network.cut();
    await says(connection, 'reconnecting');
    await say(ariel, 'Is anybody there?');
    expect(await heard(ariel, 'Is anybody there?').count()).toBe(0);
    network.release();
    await says(connection, /^connected/);
    await heard(bram, 'Is anybody there?').waitFor();
    await says(people, /0001: away/);
    await say(bram, 'All is well.');
    await heard(ariel, 'All is well.').waitFor();
    expect(await heard(bram, 'Is anybody there?').count()).toBe(1);

    await says(ariel.getByLabel('Notifications', { exact: true }).getByRole('listitem'), /Eve time is|new mail/);

    await ariel.getByRole('button', { name: 'Sign out' }).click();
    await says(ariel.getByLabel('Connection', { exact: true }), 'disconnected');
    await says(people, /0001: offline/);
    expect(problems).toEqual([]);
  });
});
