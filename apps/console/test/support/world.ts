import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createHttpServer, nodeHandler } from '@roomcast/server';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { launch } from '../../scripts/browser.js';
import { builtConsole, consolePage } from '../../serve/index.js';
import { DemoServices, type ServiceName } from './services.js';

/** The built page, the demo servers and a browser. */
export interface World {
  readonly url: string;
  readonly services: DemoServices;
  /** A new browser profile at a view, so that nothing is left of other tests. */
  open(place: string, options?: BrowserContextOptions): Promise<Page>;
  close(): Promise<void>;
}

export async function openWorld(names?: readonly ServiceName[]): Promise<World> {
  let settings = () => ({ services: {} });
  const page = consolePage({ folder: await builtConsole(), settings: () => settings() });
  const server = createHttpServer(nodeHandler(page));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services = new DemoServices(`same-host,${url}`);
  await services.start(names);
  settings = () => services.settings();
  const browser = await launch();
  return {
    url,
    services,
    open: (place, options) => openPage(browser, `${url}/#/${place}`, options),
    close: async () => {
      await browser.close();
      await services.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

async function openPage(browser: Browser, url: string, options?: BrowserContextOptions): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  await page.goto(url);
  return page;
}
