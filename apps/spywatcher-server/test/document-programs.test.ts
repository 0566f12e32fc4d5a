import { existsSync, readFileSync } from 'node:fs';
import { page, shows } from '@roomcast/testing/page';
import { transform } from 'esbuild';
import * as React from 'react';
import * as jsxRuntime from 'react/jsx-runtime';
import * as socketIoClient from 'socket.io-client';
import { expect, onTestFinished, test } from 'vitest';
import { start, tokenOf } from './support/server.js';

/** The API's document lies beside the repository where it is developed; it is no part of it. */
const document = new URL('../../../../shared/contract/seeds/spywatcher.md', import.meta.url);

/** Where the document's programs go; here that is wherever the server listens. */
const documented = 'http://localhost:3001';

function programOf(marker: string): string {
  const programs = [...readFileSync(document, 'utf8').matchAll(/```typescript\n(.*?)```/gs)].map(
    ([, text]) => text ?? '',
  );
  const found = programs.find((text) => text.includes(marker));
  if (found === undefined) throw new Error(`the document shows no program with "${marker}"`);
  return found;
}

/** A program as the document shows it, compiled as it stands there, with what it imports. */
async function run<Exports>(source: string, imports: Record<string, unknown>): Promise<Exports> {
  const { code } = await transform(source, { loader: 'tsx', format: 'cjs', jsx: 'automatic' });
  const module = { exports: {} as Exports };
  const load = (name: string) => {
    if (!Object.hasOwn(imports, name)) throw new Error(`the program imports ${name}`);
    return imports[name];
  };
  new Function('module', 'exports', 'require', code)(module, module.exports, load);
  return module.exports;
}

interface Service {
  socketService: {
    connect(token: string): socketIoClient.Socket;
    subscribeToAnalytics(guildId: string, callback: (data: unknown) => void): void;
    disconnect(): void;
  };
}

interface Dashboard {
  LiveAnalyticsDashboard: React.FunctionComponent<{ guildId: string; token: string }>;
}

function timestamp(): string {
  return new Date().toISOString();
}

test.skipIf(!existsSync(document))('the service and the React component of the document work as they are', async () => {
  const server = await start();
  const io = (url: string, options: object) => socketIoClient.io(url.replace(documented, server.url), options);
  const service = await run<Service>(programOf('class SocketService'), {
    'socket.io-client': { ...socketIoClient, io },
  });
  onTestFinished(() => service.socketService.disconnect());
  const warnings: string[] = [];
  // The library that the document names has no `warning`.
  const toast = { default: { warning: (text: string) => warnings.push(text) } };
  const { LiveAnalyticsDashboard } = await run<Dashboard>(programOf('LiveAnalyticsDashboard'), {
    react: React,
    'react/jsx-runtime': jsxRuntime,
    './socketService': service,
    'react-hot-toast': { __esModule: true, ...toast },
  });
  const shown = await page();
  await shown.render(React.createElement(LiveAnalyticsDashboard, { guildId: '1', token: await tokenOf() }));
  const sessions = async () => {
    const answer = await server.get('/admin/sessions', 'an-admin-token');
    return ((await answer.json()) as { sessions: { rooms: string[] }[] }).sessions;
  };
  await shows(async () => (await sessions())[0]?.rooms.length === 2, 'both subscriptions');
  expect((await sessions())[0]?.rooms.sort()).toEqual(['analytics:1', 'guild:1']);

  const who = { userId: '7', username: 'nelly', timestamp: timestamp() };
  await server.publish([
    { guildId: '1', activity: { type: 'typing', ...who } },
    { guildId: '1', activity: { type: 'message', ...who, channelId: '70', channelName: 'general' } },
    { guildId: '1', activity: { type: 'presence', ...who, clientStatus: { desktop: 'online', web: 'idle' } } },
  ]);
  await shows(() => shown.text?.includes('nelly in #general'), 'the message');
  await shows(() => shown.text?.includes('Ghost Usersnelly: 1'), 'the analytics');
  await shows(() => warnings.length === 1, 'the alert');
  expect(warnings).toEqual(['Multi-client detected: nelly']);

  await shown.unmount();
  await shows(async () => (await sessions()).length === 0, 'the end');
});
