import { existsSync, readFileSync } from 'node:fs';
import { eventually } from '@roomcast/testing';
import { page, shows } from '@roomcast/testing/page';
import { transform } from 'esbuild';
import * as React from 'react';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import * as hooks from '../src/react/index.js';
import { startServer } from './support/client.js';

/** The API's document lies beside the repository where it is developed; it is no part of it. */
const document = new URL('../../../../shared/contract/seeds/falcon.md', import.meta.url);

const globals = ['toast', 'user', 'console'] as const;

type Globals = Partial<Record<(typeof globals)[number], unknown>>;

/** A program of the document, compiled as it stands there, with the modules that it imports. */
async function run(marker: string, result: string, given: Globals = {}): Promise<unknown> {
  const programs = [...readFileSync(document, 'utf8').matchAll(/```(?:tsx|typescript)\n(.*?)```/gs)];
  const source = programs.map(([, text]) => text ?? '').find((text) => text.includes(marker));
  if (source === undefined) throw new Error(`the document shows no program with ${marker}`);
  const { code } = await transform(`${source}\nmodule.exports = ${result};`, { loader: 'tsx', format: 'cjs' });
  const modules: Record<string, unknown> = {
    'hooks/websocket': hooks,
    'examples/websocket': hooks,
    'contexts/AuthContext': { useAuth: () => ({ user: 'ada' }) },
  };
  const load = (name: string) => {
    if (!Object.hasOwn(modules, name)) throw new Error(`the program imports ${name}`);
    return modules[name];
  };
  const module = { exports: undefined as unknown };
  new Function('React', 'module', 'require', ...globals, code)(
    React,
    module,
    load,
    ...globals.map((name) => given[name]),
  );
  return module.exports;
}

async function show(url: string, component: unknown, props: object = {}) {
  const shown = await page();
  const element = React.createElement(component as React.FunctionComponent<object>, props);
  await shown.render(
    React.createElement(React.StrictMode, null, React.createElement(hooks.WebSocketProvider, { url }, element)),
  );
  return shown;
}

describe.skipIf(!existsSync(document))('the programs of the document work as they are', () => {
  let server: Awaited<ReturnType<typeof startServer>>;

  beforeEach(async () => {
    server = await startServer();
  });

  test('the status of the connection', async () => {
    const shown = await show(server.url, await run('useWebSocketStatus', 'MyComponent'));
    await shows(() => shown.text === 'Status: connected', 'the status');
  });

  test('a chat room', async () => {
    const said: unknown[] = [];
    const console = { log: (...words: unknown[]) => said.push(words) };
    await show(server.url, await run('ChatRoom', 'ChatRoom', { console }), { roomId: 'general' });
    await shows(() => server.sessions[0]?.told.includes('join general'), 'the room');
    server.say('general', 'message', { text: 'Hello!', sender: 'User' });
    await shows(() => said.length === 1, 'the message');
    expect(said).toMatchObject([['New message:', { type: 'message', data: { text: 'Hello!', sender: 'User' } }]]);
    expect(server.session.told).toEqual(['join general']);
  });

  test('what is for oneself', async () => {
    const info = vi.fn();
    await show(server.url, await run('usePersonalRoom', 'PersonalNotifications', { toast: { info } }));
    await shows(() => server.sessions[0]?.received.length === 1, 'the connection');
    server.session.push('notification', { message: 'Undock' }, { room: 'user:ada' });
    await shows(() => info.mock.calls.length === 1, 'the notification');
    expect(info.mock.calls).toEqual([['Undock']]);
  });

  test('presence', async () => {
    await show(server.url, await run('usePresence', 'PresenceManager', { user: 'ada' }));
    await shows(() => server.sessions[0]?.told.includes('subscribe_presence ada'), 'the presence');
  });

  test('the demo', async () => {
    const demo = await run('examples/websocket', 'WebSocketDemo');
    expect(demo).toBe(hooks.WebSocketDemo);
    const shown = await show(server.url, demo);
    await shows(() => shown.text.includes('connected as ada'), 'the demo');
    await eventually(() => server.sessions.length === 1);
  });
});
