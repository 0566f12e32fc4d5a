import { eventually, turns } from '@roomcast/testing';
import { acting, type Page, page, shows } from '@roomcast/testing/page';
import { createElement, type ReactNode, StrictMode } from 'react';
import { describe, expect, it, vi } from 'vitest';
import type { FalconClient, PresenceOf } from '../src/index.js';
import {
  type Room,
  type UsePresence,
  useFalconClient,
  useGroupRoom,
  usePersonalRoom,
  usePresence,
  useRoom,
  useWebSocketStatus,
  WebSocketDemo,
  WebSocketProvider,
  type WebSocketProviderProps,
} from '../src/react/index.js';
import { connect, startServer } from './support/client.js';

const { renderToString } = await import('react-dom/server');

const within = (props: WebSocketProviderProps, ...children: ReactNode[]) =>
  createElement(WebSocketProvider, { baseMs: 4, capMs: 16, ...props }, ...children);
const strict = (...nodes: ReactNode[]) => createElement(StrictMode, null, ...nodes);

function Status({ onClient }: { onClient?: (client: FalconClient | undefined) => void }): ReactNode {
  const { connectionState, isConnected, userId, error } = useWebSocketStatus();
  onClient?.(useFalconClient());
  return `${connectionState} ${isConnected} ${userId ?? '-'} ${error?.name ?? 'well'}|`;
}

interface RoomProps {
  id: string | undefined | null;
  keep?: number;
  onRoom?: (room: Room) => void;
  seen?: unknown[];
}

function Shown({ id, keep, onRoom, seen }: RoomProps): ReactNode {
  const room = useRoom(id, { ...(keep !== undefined && { keep }), onMessage: ({ data }) => seen?.push(data) });
  onRoom?.(room);
  return `${room.isJoined ? 'in' : 'out'} ${room.messages.map(({ data }) => String(data)).join(' ')}|`;
}

const room = (props: RoomProps) => createElement(Shown, props);
const status = createElement(Status);

/** What the last rendering gave. */
function last<Value>(): { readonly now: Value; take(value: Value): void } {
  let value: Value | undefined;
  return {
    get now() {
      if (value === undefined) throw new Error('nothing was rendered');
      return value;
    },
    take(next) {
      value = next;
    },
  };
}

describe('WebSocketProvider', () => {
  it('has one connection and one join in StrictMode, for all components, and none afterwards', async () => {
    const server = await startServer();
    const shown = await page();
    const two = [room({ id: 'general' }), createElement(Shown, { id: 'general', key: 2 })];
    await shown.render(strict(within({ url: server.url }, status, ...two)));
    await shows(() => shown.text === 'connected true ada well|in |in |', 'the room');
    await turns(5);
    expect(server.sessions).toHaveLength(1);
    expect(server.session.told).toEqual(['join general']);
    server.say('general', 'message', 'Hello!');
    await shows(() => shown.text.endsWith('in Hello!|in Hello!|'), 'the message, once each');
    await shown.unmount();
    await shows(() => server.session.closedWith === 1000, 'the end');
    expect(server.sessions).toHaveLength(1);
  });

  it('shares a connection with other providers of the same address, until the last is unmounted', async () => {
    const server = await startServer();
    const shown = await page();
    const provider = (key: number, id: string) =>
      createElement(WebSocketProvider, { key, url: server.url, token: () => 'new each time' }, room({ id }));
    await shown.render(strict(provider(1, 'a'), provider(2, 'b')));
    await shows(() => shown.text === 'in |in |', 'both');
    await shown.render(strict(provider(1, 'a')));
    await shows(() => server.session.told.includes('leave b'), 'the room that was left');
    expect(server.sessions).toHaveLength(1);
    expect(server.live).toHaveLength(1);
  });

  it('keeps the connection where one provider takes the place of another', async () => {
    const server = await startServer();
    const shown = await page();
    const app = (key: number) => within({ url: server.url }, createElement(Shown, { key, id: 'general' }));
    await shown.render(createElement('div', { key: 1 }, app(1)));
    await shows(() => shown.text === 'in |', 'the room');
    await shown.render(createElement('div', { key: 2 }, app(2)));
    await shows(() => shown.text === 'in |', 'the room still');
    await acting(() => turns(5));
    expect([server.sessions.length, server.live.length]).toEqual([1, 1]);
    expect(server.session.told).toEqual(['join general']);
  });

  it('ends the connection with the login, and begins another with the next', async () => {
    const server = await startServer();
    const shown = await page();
    const app = (enabled: boolean) => strict(within({ url: server.url, enabled }, status, room({ id: 'general' })));
    await shown.render(app(false));
    await turns(5);
    expect([shown.text, server.sessions.length]).toEqual(['disconnected false - well|out |', 0]);
    await shown.render(app(true));
    await shows(() => shown.text === 'connected true ada well|in |', 'the connection');
    await shown.render(app(false));
    await shows(() => server.live.length === 0, 'the end');
    expect(shown.text).toBe('disconnected false - well|out |');
    await shown.render(app(true));
    await shows(() => shown.text === 'connected true ada well|in |', 'the next connection');
    expect(server.sessions).toHaveLength(2);
  });

  it('connects anew with another token, and asks the function that was rendered last', async () => {
    const server = await startServer();
    const shown = await page();
    await shown.render(within({ url: server.url, token: 'alice' }, status));
    await shows(() => server.live.length === 1, 'the first');
    await shown.render(within({ url: server.url, token: 'bob' }, status));
    await shows(() => server.sessions.length === 2 && server.live.length === 1, 'the second alone');
    await shown.render(within({ url: server.url, token: () => 'carol' }, status));
    await shows(() => server.sessions.length === 3 && server.live.length === 1, 'the third');
    await shown.render(within({ url: server.url, token: () => 'dave' }, status));
    await turns(5);
    expect(server.live).toHaveLength(1);
    server.session.socket.terminate();
    await shows(() => server.sessions.length === 4, 'the next connection');
    const tokens = server.sessions.map(({ headers }) => headers.authorization);
    expect(tokens).toEqual(['Bearer alice', 'Bearer bob', 'Bearer carol', 'Bearer dave']);
  });

  it('uses a client of the application, and leaves it alone', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const shown = await page();
    await shown.render(strict(within({ client }, status, room({ id: 'general' }))));
    await shows(() => shown.text.endsWith('in |'), 'the room');
    await shown.render(strict(within({ client, enabled: false }, status, room({ id: 'general' }))));
    await server.connection(1, 'leave general');
    expect(shown.text).toBe('disconnected false - well|out |');
    await shown.unmount();
    expect(client.state).toBe('open');
    await client.disconnect();
    const closed = await page();
    await closed.render(within({ client }, status, room({ id: 'general' }), createElement(Person, { id: 'ada' })));
    expect(closed.text).toBe('disconnected false ada well|out |null {}|');
  });

  it('takes VITE_WS_URL where no URL is given', async () => {
    const server = await startServer();
    vi.stubEnv('VITE_WS_URL', server.url);
    const shown = await page();
    await shown.render(within({}, status));
    await shows(() => shown.text.startsWith('connected'), 'the connection');
    vi.unstubAllEnvs();
  });

  it('renders on a server without connecting, and connects where that is taken over', async () => {
    const server = await startServer();
    const node = within({ url: server.url }, status, room({ id: 'general' }), createElement(Person, { id: 'ada' }));
    const html = renderToString(node);
    await turns(5);
    const plain = html.replaceAll(/<!-- -->/g, '').replaceAll('&quot;', '"');
    expect([plain, server.sessions.length]).toEqual(['disconnected false - well|out |null {}|', 0]);
    expect(renderToString(within({ url: '/relative' }, createElement(WebSocketDemo)))).toContain('disconnected');
    const shown = await page({ html, node });
    await shows(() => shown.text.startsWith('connected true ada well|in |online'), 'the connection');
    expect(server.sessions).toHaveLength(1);
  });

  it('is missed', async () => {
    const shown = await page();
    await expect(shown.render(status)).rejects.toThrow('expected a <WebSocketProvider> above this component');
  });
});

describe('useWebSocketStatus', () => {
  it('shows each state, and what went wrong until it is well again', async () => {
    const server = await startServer();
    const shown = await page();
    const client = last<FalconClient | undefined>();
    const app = within({ url: server.url }, createElement(Status, { onClient: client.take }));
    await shown.render(app);
    await shows(() => shown.text.startsWith('connected'), 'the connection');
    server.refuseWith = () => 503;
    server.session.socket.terminate();
    await shows(() => shown.text === 'reconnecting false ada ConnectionRefusedError|', 'the state');
    server.refuseWith = () => undefined;
    await shows(() => shown.text === 'connected true ada well|', 'the next connection');
    server.session.socket.close(1007);
    await shows(() => shown.text === 'error false ada ConnectionLostError|', 'the end');
  });
});

it('useWebSocketStatus goes on showing what went wrong while the next attempt is made', async () => {
  const server = await startServer();
  const tokens = [Promise.resolve('good'), new Promise<string>(() => {})];
  const shown = await page();
  await shown.render(within({ url: server.url, token: async () => (await tokens.shift()) ?? '' }, status));
  await shows(() => shown.text.startsWith('connected'), 'the connection');
  server.session.socket.terminate();
  await shows(() => tokens.length === 0, 'the next attempt');
  await acting(() => turns(5));
  expect(shown.text).toBe('reconnecting false ada ConnectionLostError|');
});

describe('useRoom', () => {
  it('does nothing while the id is undefined, then joins', async () => {
    const server = await startServer();
    const shown = await page();
    const latest = last<Room>();
    const app = (id: string | undefined | null) =>
      strict(within({ url: server.url }, status, room({ id, onRoom: latest.take })));
    for (const id of [undefined, null, '']) {
      await shown.render(app(id));
      await shows(() => shown.text === 'connected true ada well|out |', 'the connection');
    }
    await expect(latest.now.sendToRoom({ type: 'message', data: 'a' })).rejects.toMatchObject({
      name: 'NotConnectedError',
    });
    await turns(5);
    expect(server.session.told).toEqual([]);
    await shown.render(app('general'));
    await shows(() => shown.text.endsWith('in |'), 'the room');
    await shown.render(app('another'));
    await shows(() => server.session.rooms.has('another') && shown.text.endsWith('in |'), 'the other room');
    expect(server.session.told).toEqual(['join general', 'leave general', 'join another']);
  });

  it('keeps the latest of what is said, and nothing of the comings and goings', async () => {
    const server = await startServer();
    const shown = await page();
    const seen: unknown[] = [];
    await shown.render(within({ url: server.url }, room({ id: 'general', keep: 2, seen })));
    await shows(() => shown.text === 'in |', 'the room');
    server.say('general', 'room_update', { action: 'member_joined', room_id: 'general' });
    for (const text of ['a', 'b', 'c']) server.say('general', 'message', text);
    server.say('general', 'custom_event', 'd');
    server.session.push('message', 'elsewhere', { room: 'another' });
    await shows(() => shown.text === 'in c d|', 'the last two');
    expect(seen).toEqual(['a', 'b', 'c', 'd']);
  });

  it('sends, with the acknowledgement, and is in again after a reconnection', async () => {
    const server = await startServer();
    const shown = await page();
    const latest = last<Room>();
    await shown.render(within({ url: server.url }, room({ id: 'general', onRoom: latest.take })));
    await shows(() => shown.text === 'in |', 'the room');
    const answer = await acting(() => latest.now.sendToRoom({ type: 'message', data: 'a' }));
    expect(answer).toMatchObject({ data: 'a', room: 'general' });
    server.session.socket.terminate();
    await shows(() => server.sessions.length === 2 && shown.text === 'in a|', 'the next connection');
    expect(server.session.told).toEqual(['join general']);
  });

  it('tells why it does not get in, and what was not taken, without ending the program of who does not ask', async () => {
    const server = await startServer();
    const rejections: unknown[] = [];
    const onRejection = (error: unknown) => rejections.push(error);
    process.on('unhandledRejection', onRejection);
    server.refuse = ({ type }) => (type === 'system' ? 'forbidden_room' : undefined);
    const shown = await page();
    const latest = last<Room>();
    await shown.render(within({ url: server.url }, room({ id: 'general', onRoom: latest.take })));
    await shows(() => latest.now.error !== undefined, 'the refusal');
    expect(latest.now.error).toMatchObject({ code: 'forbidden_room', operation: 'join general' });
    void latest.now.sendToRoom({ type: 'message', data: 'a' });
    await shows(() => latest.now.error?.message.includes('not in this room'), 'the other refusal');
    server.enter(server.session, 'general');
    await shows(() => latest.now.isJoined && latest.now.error === undefined, 'the room');
    await turns(5);
    process.off('unhandledRejection', onRejection);
    expect(rejections).toEqual([]);
  });

  it('knows that it is in where another component was before, and tells of no other room', async () => {
    const server = await startServer();
    server.refuse = (message) => (JSON.stringify(message).includes('"closed"') ? 'forbidden_room' : undefined);
    const shown = await page();
    const latest = last<Room>();
    const first = createElement(Shown, { key: 1, id: 'general', onRoom: latest.take });
    await shown.render(within({ url: server.url }, first));
    await shows(() => shown.text === 'in |', 'the room');
    const others = [createElement(Shown, { key: 2, id: 'general' }), createElement(Shown, { key: 3, id: 'closed' })];
    await shown.render(within({ url: server.url }, first, ...others));
    await shows(() => server.session.told.includes('join closed'), 'the other room');
    await acting(() => turns(10));
    expect(shown.text).toBe('in |in |out |');
    expect(latest.now.error).toBeUndefined();
  });

  it('leaves nothing at the client', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const listening: number[] = [];
    const original = client.on.bind(client);
    client.on = ((event: 'all', listener: () => void) => {
      listening.push(1);
      const stop = original(event, listener);
      return () => {
        listening.pop();
        stop();
      };
    }) as typeof client.on;
    const shown = await page();
    const all = [status, room({ id: 'general' }), createElement(Person, { id: 'ada' }), createElement(Personal, {})];
    await shown.render(strict(within({ client }, ...all)));
    await shows(() => shown.text.includes('in |'), 'the room');
    expect(listening.length).toBeGreaterThan(5);
    await shown.unmount();
    expect(listening).toEqual([]);
    await server.connection(1, 'leave general', 'unsubscribe_presence ada');
  });
});

function Personal({ id, seen = [], said = [] }: { id?: string; seen?: unknown[]; said?: unknown[] }): ReactNode {
  const { isJoined } = usePersonalRoom(id, {
    onNotification: (notification, { type }) => seen.push([type, notification.message]),
    onMessage: ({ type }) => said.push(type),
  });
  return `${isJoined}|`;
}

describe('usePersonalRoom', () => {
  it('hears notifications for the user, and announcements, whatever they come in', async () => {
    const server = await startServer();
    const shown = await page();
    const seen: unknown[] = [];
    const said: unknown[] = [];
    await shown.render(strict(within({ url: server.url }, createElement(Personal, { id: 'ada', seen, said }))));
    await shows(() => shown.text === 'true|', 'the room');
    const { session } = server;
    session.push('notification', { message: 'a' }, { room: 'user:ada' });
    session.push('notification', { message: 'b' });
    session.push('system_notification', { message: 'c' });
    session.push('notification', { message: 'of a room' }, { room: 'general' });
    session.push('notification', { message: 'for one connection' }, { to: session.id });
    session.push('user_profile_update', { user_id: 'ada' });
    session.push('message', 'x', { room: 'user:ada' });
    await shows(() => said.length === 5, 'all of them');
    expect(seen).toEqual([
      ['notification', 'a'],
      ['notification', 'b'],
      ['system_notification', 'c'],
    ]);
    expect(said).toEqual(['notification', 'notification', 'system_notification', 'user_profile_update', 'message']);
    expect(session.told).toEqual([]);
  });

  it('does nothing while the id is undefined', async () => {
    const server = await startServer();
    const shown = await page();
    const seen: unknown[] = [];
    await shown.render(within({ url: server.url }, status, createElement(Personal, { seen })));
    await shows(() => shown.text.startsWith('connected'), 'the connection');
    server.session.push('notification', { message: 'a' }, { room: 'user:ada' });
    server.session.push('system_notification', { message: 'b' });
    server.session.push('room_update', { action: 'x' });
    await acting(() => turns(20));
    expect([seen, shown.text]).toEqual([[], 'connected true ada well|false|']);
  });
});

function Group({ id }: { id?: string }): ReactNode {
  const { isJoined, messages } = useGroupRoom(id);
  return `${isJoined} ${messages.length}|`;
}

it('useGroupRoom follows what the server assigns', async () => {
  const server = await startServer();
  server.groups = ['fc'];
  const shown = await page();
  const groups = [createElement(Group, { id: 'fc', key: 1 }), createElement(Group, { key: 2 })];
  await shown.render(strict(within({ url: server.url }, ...groups)));
  await shows(() => shown.text === 'true 0|false 0|', 'the room');
  server.say('group:fc', 'message', 'a');
  await shows(() => shown.text === 'true 1|false 0|', 'the message');
  server.exit(server.session, 'group:fc');
  await shows(() => shown.text === 'false 1|false 0|', 'the end of the membership');
  expect(server.session.told).toEqual([]);
});

interface PersonProps {
  id?: string;
  follow?: string[];
  onPresence?: (presence: UsePresence) => void;
  seen?: PresenceOf[];
}

function Person({ id, follow, onPresence, seen }: PersonProps): ReactNode {
  const presence = usePresence({
    userId: id,
    ...(follow !== undefined && { follow }),
    onPresenceChange: (one) => seen?.push(one),
  });
  onPresence?.(presence);
  const others = Object.fromEntries([...presence.presence].map(([userId, { status }]) => [userId, status]));
  return `${presence.myStatus} ${JSON.stringify(others)}|`;
}

describe('usePresence', () => {
  it('shows those who are followed here, not elsewhere, and ends no program by a refusal', async () => {
    const server = await startServer();
    const shown = await page();
    const latest = last<UsePresence>();
    const people = [
      createElement(Person, { key: 1, id: 'ada', follow: ['bob'], onPresence: latest.take }),
      createElement(Person, { key: 2, id: 'ada' }),
    ];
    await shown.render(within({ url: server.url }, ...people));
    await shows(() => shown.text === 'online {"ada":"online","bob":"online"}|online {"ada":"online"}|', 'each');
    server.session.push('presence', { userId: 'ada', status: 'away' });
    await shows(() => shown.text === 'away {"ada":"away","bob":"online"}|away {"ada":"away"}|', 'the change');
    const rejections: unknown[] = [];
    const onRejection = (error: unknown) => rejections.push(error);
    process.on('unhandledRejection', onRejection);
    server.refuse = ({ type }) => (type === 'presence' ? 'forbidden_user' : undefined);
    void latest.now.updatePresence('away');
    await server.connection(1, 'presence away');
    await acting(() => turns(10));
    process.off('unhandledRejection', onRejection);
    expect(rejections).toEqual([]);
  });

  it('tells how one is and how others are, and follows no others', async () => {
    const server = await startServer();
    const shown = await page();
    const latest = last<UsePresence>();
    const seen: PresenceOf[] = [];
    const person = (follow: string[]) =>
      strict(within({ url: server.url }, createElement(Person, { id: 'ada', follow, onPresence: latest.take, seen })));
    await shown.render(person(['bob', 'no\u0000id']));
    await shows(() => shown.text === 'online {"ada":"online","bob":"online"}|', 'both');
    await acting(() => latest.now.updatePresence('away', { mood: 'tired' }));
    await shows(() => shown.text.startsWith('away'), 'the status');
    expect(latest.now.presence.get('ada')).toEqual({ userId: 'ada', status: 'away', metadata: { mood: 'tired' } });
    server.session.push('presence', { userId: 'a stranger', status: 'away' });
    await shown.render(person(['bob', 'eve']));
    await shows(() => shown.text.includes('"eve":"online"'), 'eve');
    expect(seen.map(({ userId, status }) => `${userId} ${status}`)).toEqual([
      'ada online',
      'bob online',
      'ada away',
      'eve online',
    ]);
    expect(server.session.told).toEqual(['subscribe_presence ada bob', 'presence away', 'subscribe_presence eve']);
  });

  it('does nothing while the id is undefined', async () => {
    const server = await startServer();
    const shown = await page();
    const latest = last<UsePresence>();
    const person = createElement(Person, { follow: ['bob'], onPresence: latest.take });
    await shown.render(within({ url: server.url }, status, person));
    await shows(() => shown.text.startsWith('connected'), 'the connection');
    await latest.now.updatePresence('away');
    await turns(5);
    expect([server.session.told, shown.text]).toEqual([[], 'connected true ada well|null {}|']);
  });
});

async function demo(): Promise<{ server: Awaited<ReturnType<typeof startServer>>; shown: Page }> {
  const server = await startServer();
  vi.stubEnv('VITE_WS_URL', server.url);
  const shown = await page();
  return { server, shown };
}

describe('WebSocketDemo', () => {
  it('brings a provider along where there is none', async () => {
    const { server, shown } = await demo();
    await shown.render(strict(createElement(WebSocketDemo)));
    await shows(() => /connected as ada, in user:ada, general/.test(shown.text), 'the connection');
    vi.unstubAllEnvs();
    server.say('general', 'message', { text: 'Hello!', sender: 'bob' });
    await shows(() => shown.text.includes('bob: Hello!'), 'the message');
    await shows(() => shown.text.includes('bob: online'), 'the presence of who has spoken');
    server.session.push('notification', { message: 'Undock' }, { room: 'user:ada' });
    await shows(() => shown.text.includes('Undock'), 'the notification');
    server.refuseWith = () => 503;
    server.session.socket.terminate();
    await shows(() => shown.text.includes('reconnecting'), 'the state');
    await eventually(() => server.live.length === 0);
  });

  it('uses the provider above it', async () => {
    const server = await startServer();
    const shown = await page();
    await shown.render(strict(within({ url: server.url }, createElement(WebSocketDemo, { roomId: 'lounge' }))));
    await shows(() => server.sessions[0]?.told.includes('join lounge'), 'the room');
    expect(server.sessions).toHaveLength(1);
  });
});
