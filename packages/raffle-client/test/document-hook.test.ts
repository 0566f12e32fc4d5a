import { existsSync, readFileSync } from 'node:fs';
import { page, shows } from '@roomcast/testing/page';
import { transform } from 'esbuild';
import * as React from 'react';
import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';
import { startRaffleDemo } from './support/demo-server.js';

/** The API's document lies beside the repository where it is developed; it is no part of it. */
const document = new URL('../../../../shared/contract/seeds/raffle.md', import.meta.url);

interface Message {
  message_type: string;
  data: { raffle_id?: string };
}

interface Hook {
  isConnected: boolean;
  lastMessage: Message | null;
  sendMessage(message: object): void;
  subscribe(subscriptions: object[]): void;
}

/** The hook that the document shows, compiled as it stands there. */
async function hookOfDocument(): Promise<(url: string, token: string) => Hook> {
  const programs = [...readFileSync(document, 'utf8').matchAll(/```javascript\n(.*?)```/gs)].map(
    ([, text]) => text ?? '',
  );
  const source = programs.find((text) => text.includes("from 'react'"));
  if (source === undefined) throw new Error('the document shows no React hook');
  const { code } = await transform(source, { format: 'cjs' });
  const exported = { exports: {} as { useWebSocket?: (url: string, token: string) => Hook } };
  const load = (name: string) => {
    if (name !== 'react') throw new Error(`the hook imports ${name}`);
    return React;
  };
  new Function('module', 'exports', 'require', code)(exported, exported.exports, load);
  if (exported.exports.useWebSocket === undefined) throw new Error('the document exports no useWebSocket');
  return exported.exports.useWebSocket;
}

interface ShownProps {
  useWebSocket: (url: string, token: string) => Hook;
  url: string;
  token: string;
  onRender(hook: Hook): void;
}

function Shown({ useWebSocket, url, token, onRender }: ShownProps) {
  const hook = useWebSocket(url, token);
  onRender(hook);
  return hook.isConnected ? 'connected' : 'not connected';
}

test.skipIf(!existsSync(document))('the React hook of the document works as it is', async () => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'WebSocket');
  Object.defineProperty(globalThis, 'WebSocket', { value: WebSocket, configurable: true, writable: true });
  onTestFinished(() => {
    if (before) Object.defineProperty(globalThis, 'WebSocket', before);
    else Reflect.deleteProperty(globalThis, 'WebSocket');
  });
  const server = await startRaffleDemo();
  const useWebSocket = await hookOfDocument();
  const token = await server.token('alice');
  const received: Message[] = [];
  let hook: Hook | undefined;
  const onRender = (rendered: Hook) => {
    hook = rendered;
    if (hook.lastMessage && hook.lastMessage !== received.at(-1)) received.push(hook.lastMessage);
  };
  const shown = await page();
  await shown.render(React.createElement(Shown, { useWebSocket, url: server.url, token, onRender }));
  await shows(() => shown.text === 'connected', 'the connection');
  await shows(async () => (await server.stats()).authenticated_connections === 1, 'the user');

  hook?.sendMessage({ message_type: 'ping', data: {} });
  await shows(() => received.some(({ message_type }) => message_type === 'pong'), 'the pong');
  hook?.subscribe([{ event_type: 'all', raffle_id: 'current-raffle-id', item_id: null, user_id: null, room: null }]);
  const ofRaffle = () => received.filter(({ message_type }) => message_type !== 'pong');
  await shows(() => ofRaffle().length >= 2, 'events of the raffle');
  expect(new Set(ofRaffle().map(({ data }) => data.raffle_id))).toEqual(new Set(['current-raffle-id']));

  await shown.unmount();
  await shows(async () => (await server.stats()).total_connections === 0, 'the end');
});
