import { eventually, turns } from '@roomcast/testing';
import { acting, page, shows } from '@roomcast/testing/page';
import { QueryClient, QueryClientProvider, useQuery } from '@tanstack/react-query';
import { createElement, type ReactNode, StrictMode } from 'react';
import { afterEach, describe, expect, it } from 'vitest';
import { WebSocketProvider } from '../src/react/index.js';
import {
  bindChatQueries,
  type ChatFormat,
  useChatContacts,
  useChatMessages,
  useChatThreads,
  useSendChatMessage,
} from '../src/react-query/index.js';
import { connect, startServer } from './support/client.js';

const { renderToString } = await import('react-dom/server');

const clients: QueryClient[] = [];

afterEach(() => {
  for (const client of clients.splice(0)) client.clear();
});

function queryClient(): QueryClient {
  const client = new QueryClient({
    defaultOptions: { queries: { retry: false, staleTime: Number.POSITIVE_INFINITY } },
  });
  clients.push(client);
  return client;
}

interface Message {
  readonly id: string;
  readonly text: string;
  readonly pending?: boolean;
}

const texts = (messages: readonly Message[] | undefined) =>
  (messages ?? []).map(({ text, pending }) => text + (pending === true ? '…' : '')).join(' ');

function Thread({
  id,
  queryFn,
  onSend,
}: {
  id: string | undefined;
  queryFn(): Promise<Message[]>;
  onSend?: (send: (data: unknown) => Promise<void>) => void;
}): ReactNode {
  const { data, status } = useChatMessages(id, { queryFn });
  onSend?.(useSendChatMessage(id));
  return `${status} ${texts(data)}|`;
}

const app = (url: string, queries: QueryClient, ...children: ReactNode[]) =>
  createElement(
    StrictMode,
    null,
    createElement(
      QueryClientProvider,
      { client: queries },
      createElement(WebSocketProvider, { url, baseMs: 4, capMs: 16 }, ...children),
    ),
  );

/** Answers a query's fetches, and counts them. */
function source<Data>(current: () => Data): { calls: number; queryFn(): Promise<Data> } {
  const counted = {
    calls: 0,
    queryFn: async () => {
      counted.calls += 1;
      return current();
    },
  };
  return counted;
}

describe('useChatMessages', () => {
  it('shows what is fetched and what comes, in one join, and loads once more after a gap', async () => {
    const server = await startServer();
    const stored: Message[] = [{ id: '1', text: 'a' }];
    const fetched = source(() => [...stored]);
    const shown = await page();
    await shown.render(app(server.url, queryClient(), createElement(Thread, { id: '42', queryFn: fetched.queryFn })));
    await shows(() => shown.text === 'success a|' && server.session.told.includes('join thread:42'), 'the thread');
    // What was fetched before the connection stood may be older than it.
    await shows(() => fetched.calls === 2, 'the second fetch');
    server.session.push('message', { text: 'of another' }, { room: 'thread:43', id: '9' });
    server.say('thread:42', 'message', { text: 'b' }, { id: '2' });
    await shows(() => shown.text === 'success a b|', 'the message');
    server.say('thread:42', 'message', { text: 'b' }, { id: '2' });
    await turns(5);
    stored.push({ id: '2', text: 'b' }, { id: '3', text: 'missed' });
    server.session.socket.terminate();
    await shows(() => shown.text === 'success a b missed|', 'what was missed');
    await acting(() => turns(20));
    expect(fetched.calls).toBe(3);
    expect(server.session.told).toEqual(['join thread:42']);
    await shown.unmount();
    await shows(() => server.live.length === 0, 'the end');
  });

  it('joins first and then loads, where there is a connection', async () => {
    const server = await startServer();
    const fetched = source((): Message[] => []);
    const queries = queryClient();
    const shown = await page();
    await shown.render(app(server.url, queries));
    await shows(() => server.sessions[0]?.received.length === 1, 'the connection');
    server.answers = ({ type }) => type !== 'system';
    await shown.render(app(server.url, queries, createElement(Thread, { id: '42', queryFn: fetched.queryFn })));
    await shows(() => server.session.told.includes('join thread:42'), 'the wish');
    await acting(() => turns(10));
    expect(fetched.calls).toBe(0);
    server.enter(server.session, 'thread:42');
    await shows(() => shown.text === 'success |', 'the messages');
    expect(fetched.calls).toBe(1);
    // Once begun it goes on, also while the room is joined again.
    server.session.socket.terminate();
    await shows(() => server.sessions[1]?.told.includes('join thread:42'), 'the next wish');
    await shown.render(app(server.url, queries, createElement(Thread, { id: '42', queryFn: fetched.queryFn })));
    await acting(() => queries.refetchQueries());
    expect(fetched.calls).toBe(2);
  });

  it('loads also where the server does not let it in, or there is no server', async () => {
    const server = await startServer();
    server.refuse = ({ type }) => (type === 'system' ? 'forbidden_room' : undefined);
    const fetched = source((): Message[] => [{ id: '1', text: 'a' }]);
    const queries = queryClient();
    const shown = await page();
    await shown.render(app(server.url, queries));
    await shows(() => server.sessions.length === 1, 'the connection');
    await shown.render(app(server.url, queries, createElement(Thread, { id: '42', queryFn: fetched.queryFn })));
    await shows(() => shown.text === 'success a|', 'the messages');
    const alone = await page();
    server.refuseWith = () => 503;
    await alone.render(
      app(`${server.url}?2`, queryClient(), createElement(Thread, { id: '42', queryFn: fetched.queryFn })),
    );
    await shows(() => alone.text === 'success a|', 'the messages');
  });

  it('renders on a server, without connecting', async () => {
    const server = await startServer();
    const queryFn = async () => [];
    const people = createElement(Contacts, { key: 2, queryFn: async () => ({ contacts: [] }) });
    const threads = createElement(Threads, { key: 3, queryFn: async () => ({ threads: [] }) });
    const thread = createElement(Thread, { key: 1, id: '42', queryFn });
    const html = renderToString(app(server.url, queryClient(), thread, people, threads));
    await turns(5);
    expect(html.replaceAll('<!-- -->', '')).toBe('pending |undefined|undefined|');
    expect(server.sessions).toEqual([]);
  });

  it('does nothing while the id is undefined', async () => {
    const server = await startServer();
    const fetched = source((): Message[] => []);
    const shown = await page();
    await shown.render(
      app(server.url, queryClient(), createElement(Thread, { id: undefined, queryFn: fetched.queryFn })),
    );
    await shows(() => server.sessions[0]?.received.length === 1, 'the connection');
    await acting(() => turns(10));
    expect([fetched.calls, server.session.told, shown.text]).toEqual([0, [], 'pending |']);
  });

  it('does not lose what comes while it loads', async () => {
    const server = await startServer();
    let answer = (_: Message[]) => {};
    let fail = () => {};
    const queryFn = () =>
      new Promise<Message[]>((resolve, reject) => {
        answer = resolve;
        fail = () => reject(new Error('down'));
      });
    const queries = queryClient();
    const shown = await page();
    await shown.render(app(server.url, queries));
    await shows(() => server.sessions[0]?.received.length === 1, 'the connection');
    await shown.render(app(server.url, queries, createElement(Thread, { id: '42', queryFn })));
    await shows(() => queries.isFetching() === 1, 'the fetch');
    server.say('thread:42', 'message', { text: 'b' }, { id: '2' });
    server.say('thread:42', 'message', { text: 'c' }, { id: '3' });
    await server.connection(1);
    await acting(() => turns(20));
    answer([
      { id: '1', text: 'a' },
      { id: '2', text: 'b, edited' },
    ]);
    await shows(() => shown.text === 'success a b, edited c|', 'all three');
    void queries.invalidateQueries();
    await shows(() => queries.isFetching() === 1, 'the next fetch');
    answer([{ id: '1', text: 'a' }]);
    await shows(() => shown.text === 'success a|', 'what is no more');
    void queries.invalidateQueries();
    await shows(() => queries.isFetching() === 1, 'a fetch that fails');
    server.say('thread:42', 'message', { text: 'd' }, { id: '4' });
    await acting(() => turns(20));
    fail();
    await shows(() => shown.text === 'error a d|', 'the failure');
    void queries.invalidateQueries();
    await shows(() => queries.isFetching() === 1, 'the last fetch');
    answer([{ id: '1', text: 'a' }]);
    await shows(() => shown.text === 'success a|', 'what was deleted meanwhile');
  });

  it('shows what one sends at once, and puts the echo in its place', async () => {
    const server = await startServer();
    const queries = queryClient();
    const stored: Message[] = [{ id: '1', text: 'a' }];
    const shown = await page();
    let send = (_: unknown) => Promise.resolve();
    const onSend = (next: typeof send) => {
      send = next;
    };
    await shown.render(
      app(server.url, queries, createElement(Thread, { id: '42', queryFn: async () => [...stored], onSend })),
    );
    await shows(() => shown.text === 'success a|' && server.session.rooms.has('thread:42'), 'the thread');
    server.answers = ({ type }) => type !== 'message';
    let outcome = 'waiting';
    void send({ text: 'mine' }).then(
      () => {
        outcome = 'sent';
      },
      (error: Error) => {
        outcome = error.name;
      },
    );
    await shows(() => shown.text === 'success a mine…|', 'the message');
    // A fetch that does not know of it does not take it away.
    await acting(() => queries.invalidateQueries());
    await shows(() => shown.text === 'success a mine…|', 'the message still');
    await acting(() => queries.invalidateQueries());
    await shows(() => shown.text === 'success a mine…|', 'the message still');
    const { id } = server.session.received.find(({ type }) => type === 'message') ?? {};
    server.say('thread:42', 'message', { text: 'not mine' }, { id: 'other', from: 'another' });
    server.say('thread:42', 'message', { text: 'mine' }, { id, from: server.session.id });
    await shows(() => outcome === 'sent', 'the acknowledgement');
    await shows(() => shown.text === 'success a mine not mine|', 'the echo, once');
    stored.push({ id: String(id), text: 'mine' });
    await acting(() => queries.invalidateQueries());
    await shows(() => shown.text === 'success a mine|', 'what was stored');
  });

  it('takes back what the server refuses', async () => {
    const server = await startServer();
    const shown = await page();
    let send = (_: unknown) => Promise.resolve();
    const onSend = (next: typeof send) => {
      send = next;
    };
    await shown.render(
      app(server.url, queryClient(), createElement(Thread, { id: '42', queryFn: async () => [], onSend })),
    );
    await shows(() => shown.text === 'success |' && server.session.rooms.has('thread:42'), 'the thread');
    server.refuse = ({ type }) => (type === 'message' ? 'data_too_large' : undefined);
    await acting(() => expect(send({ text: 'mine' })).rejects.toMatchObject({ code: 'data_too_large' }));
    await shows(() => shown.text === 'success |', 'nothing');
  });
});

interface Person {
  readonly id: string;
  readonly status?: string;
}

function Contacts({ queryFn }: { queryFn(): Promise<{ contacts: Person[] }> }): ReactNode {
  const { data } = useChatContacts({
    queryFn,
    select: ({ contacts }) => contacts.map(({ id, status }) => `${id}:${status}`),
  });
  return `${data?.join(' ')}|`;
}

function Threads({
  queryFn,
}: {
  queryFn(): Promise<{ threads: { id: string; lastMessage?: Message; updatedAt?: string }[] }>;
}): ReactNode {
  const { data } = useChatThreads({ queryFn });
  return `${data?.threads.map(({ id, lastMessage, updatedAt }) => `${id}:${lastMessage?.text}:${updatedAt}`).join(' ')}|`;
}

it('useChatThreads shows the latest message of each thread', async () => {
  const server = await startServer();
  const fetched = source(() => ({ threads: [{ id: '1' }, { id: '2' }] }));
  const shown = await page();
  const children = [
    createElement(Threads, { key: 1, queryFn: fetched.queryFn }),
    createElement(Thread, { key: 2, id: '2', queryFn: async () => [] }),
  ];
  await shown.render(app(server.url, queryClient(), ...children));
  await shows(() => server.sessions[0]?.rooms.has('thread:2') && fetched.calls === 2, 'the thread');
  server.say('thread:2', 'message', { text: 'a' }, { id: 'x' });
  await shows(() => shown.text.startsWith('1:undefined:undefined 2:a:2026-01-02T03:04:05.000Z|'), 'the message');
  server.say('thread:2', 'room_update', { action: 'member_joined' });
  server.say('thread:2', 'room_update', { action: 'renamed' });
  await shows(() => fetched.calls === 3, 'the news of the thread');
});

function OwnKeys(): ReactNode {
  const live = { order: 'newest-first' } as const;
  const messages = useChatMessages('1', {
    queryKey: ['mine', 'one'],
    queryFn: async () => [{ id: '1', text: 'a' }],
    live,
  });
  const threads = useChatThreads({ queryKey: ['lists'], queryFn: async () => [{ id: '1', updatedAt: 'never' }] });
  const contacts = useChatContacts({ queryKey: ['people'], queryFn: async () => [{ id: 'bob', status: 'unknown' }] });
  const list = (all: readonly object[] | undefined, field: string) => (all ?? []).map((one) => Reflect.get(one, field));
  return [list(messages.data, 'text'), list(threads.data, 'updatedAt'), list(contacts.data, 'status')].join('|');
}

it('the hooks take other keys, and another order', async () => {
  const server = await startServer();
  const queries = queryClient();
  const shown = await page();
  await shown.render(app(server.url, queries, createElement(OwnKeys)));
  await shows(() => shown.text === 'a|never|online' && server.session.rooms.has('thread:1'), 'the thread');
  server.say('thread:1', 'message', { text: 'b' }, { id: '2' });
  await shows(() => shown.text === 'b,a|2026-01-02T03:04:05.000Z|online', 'the message');
  expect(queries.getQueryData(['chat', 'contacts'])).toBeUndefined();
});

it('useChatContacts shows how each is, also after it was loaded again', async () => {
  const server = await startServer();
  const people: Person[] = [{ id: 'bob', status: 'offline' }, { id: 'eve' }, { id: '', status: 'unknown' }];
  const fetched = source(() => ({ contacts: [...people] }));
  const queries = queryClient();
  const shown = await page();
  await shown.render(app(server.url, queries, createElement(Contacts, { queryFn: fetched.queryFn })));
  await shows(() => shown.text === 'bob:online eve:online :unknown|', 'both');
  server.session.push('presence', { userId: 'bob', status: 'away' });
  await shows(() => shown.text === 'bob:away eve:online :unknown|', 'the change');
  people.push({ id: 'joe', status: 'unknown' });
  await acting(() => queries.invalidateQueries());
  await shows(() => shown.text === 'bob:away eve:online :unknown joe:online|', 'the new one');
  server.session.socket.terminate();
  const before = fetched.calls;
  await shows(() => fetched.calls === before + 1, 'the fetch after the gap');
  await shown.unmount();
  await eventually(() => server.live.length === 0);
});

function Own(): ReactNode {
  const { data } = useQuery({ queryKey: ['chat', 'messages', '1'], queryFn: async (): Promise<Message[]> => [] });
  return texts(data);
}

describe('bindChatQueries', () => {
  const frame = (text: string, id: string) => ({ room: 'thread:1', type: 'message', data: { text }, id });

  async function bound(format: ChatFormat = {}) {
    const server = await startServer();
    const queries = queryClient();
    const { client, gaps } = connect(server.url);
    await client.join('thread:1').joined;
    await eventually(() => gaps.length === 1);
    const stop = bindChatQueries(client, queries, format);
    const say = async (text: string, id: string) => {
      const { room, type, data } = frame(text, id);
      server.say(room, type, data, { id });
      await client.sendMessage({ type: 'custom_event', room: 'thread:1', data: 0 });
    };
    return { server, queries, client, gaps, stop, say };
  }

  const messages = [{ id: '1', text: 'a' }];

  it.each<[string, unknown, unknown]>([
    ['a list', messages, [...messages, { id: '2', text: 'b' }]],
    ['a field', { messages, total: 1 }, { messages: [...messages, { id: '2', text: 'b' }], total: 1 }],
    [
      'pages',
      { pages: [{ messages }, { messages: [{ id: '0', text: '-' }] }], pageParams: [0, 1] },
      {
        pages: [{ messages: [...messages, { id: '2', text: 'b' }] }, { messages: [{ id: '0', text: '-' }] }],
        pageParams: [0, 1],
      },
    ],
    ['nothing', undefined, undefined],
    ['anything else', { text: 'a' }, { text: 'a' }],
  ])('adds to %s', async (_name, data, expected) => {
    const { queries, say } = await bound({ toMessage: ({ id, data }) => ({ id, ...(data as object) }) });
    for (const key of [
      ['chat', 'messages', '1'],
      ['chat', 'messages', '1', { filter: 1 }],
      ['chat', 'messages', '10'],
    ]) {
      queries.setQueryData(key, data);
    }
    await say('b', '2');
    expect(queries.getQueryData(['chat', 'messages', '1'])).toEqual(expected);
    expect(queries.getQueryData(['chat', 'messages', '1', { filter: 1 }])).toEqual(expected);
    expect(queries.getQueryData(['chat', 'messages', '10'])).toEqual(data);
  });

  it('adds to the other end, with other keys and another identity', async () => {
    const server = await startServer();
    const queries = queryClient();
    const { client } = connect(server.url);
    await client.join('thread:1').joined;
    bindChatQueries(client, queries, {
      keys: { messages: ['mine'], threads: ['lists'] },
      order: 'newest-first',
      idOf: ({ nonce }) => nonce,
      toMessage: ({ data }) => ({ ...(data as object) }),
      updateThread: (thread, { text }) => ({ ...thread, last: text }),
    });
    queries.setQueryData(['mine', '1'], [{ nonce: 1, text: 'a' }]);
    queries.setQueryData(['lists'], { pages: [[{ id: '1' }, { id: '2' }]] });
    queries.setQueryData(['lists', '1'], { id: '1' });
    server.say('thread:1', 'message', { nonce: 2, text: 'b' });
    server.say('thread:1', 'message', { nonce: 1, text: 'a!' });
    await client.sendMessage({ type: 'custom_event', room: 'thread:1', data: 0 });
    server.say('thread:1', 'message', { text: 'x' });
    server.say('thread:1', 'message', { text: 'y' });
    await client.sendMessage({ type: 'custom_event', room: 'thread:1', data: 0 });
    expect(queries.getQueryData(['mine', '1'])).toEqual([
      { text: 'y' },
      { text: 'x' },
      { nonce: 2, text: 'b' },
      { nonce: 1, text: 'a!' },
    ]);
    expect(queries.getQueryData(['lists'])).toEqual({ pages: [[{ id: '1', last: 'y' }, { id: '2' }]] });
    expect(queries.getQueryData(['lists', '1'])).toEqual({ id: '1', last: 'y' });
  });

  it('invalidates each query once after a gap, however many bind it, and those of a thread where only that was missed', async () => {
    const { server, queries, client, gaps } = await bound();
    bindChatQueries(client, queries);
    bindChatQueries(client, queries, { keys: { messages: ['chat'] } });
    const calls: string[] = [];
    const unsubscribe = queries.getQueryCache().subscribe(({ type, query, ...event }) => {
      const isNews = type === 'updated' && 'action' in event && event.action.type === 'invalidate';
      if (isNews) calls.push(query.queryHash);
    });
    const keys = [
      ['chat', 'messages', '1'],
      ['chat', 'messages', '2'],
      ['chat', 'threads'],
      ['chat', 'contacts'],
      ['other'],
    ];
    for (const key of keys) queries.setQueryData(key, []);
    server.session.socket.terminate();
    await eventually(() => gaps.length === 2);
    expect(calls.sort()).toEqual(
      keys
        .slice(0, 4)
        .map((key) => JSON.stringify(key))
        .sort(),
    );
    for (const key of keys) queries.setQueryData(key, []);
    calls.length = 0;
    server.session.push('system', { action: 'missed', room: 'thread:2' });
    server.session.push('system', { action: 'missed', room: 'general' });
    await eventually(() => gaps.length === 4);
    expect(calls.sort()).toEqual(['["chat","messages","2"]', '["chat","threads"]']);
    unsubscribe();
  });

  it('makes nothing look fresher than it is', async () => {
    const { queries, say } = await bound();
    const key = ['chat', 'messages', '1'];
    queries.setQueryData(key, messages, { updatedAt: 5 });
    await queries.invalidateQueries({ queryKey: key });
    await say('b', '2');
    expect(queries.getQueryState(key)).toMatchObject({ isInvalidated: true, dataUpdatedAt: 5 });
    expect(queries.getQueryData(key)).toHaveLength(2);
  });

  it('stops', async () => {
    const { queries, client, stop, say, server, gaps } = await bound();
    const again = bindChatQueries(client, queries);
    const key = ['chat', 'messages', '1'];
    queries.setQueryData(key, messages);
    stop();
    stop();
    await say('b', '2');
    expect(queries.getQueryData(key)).toHaveLength(2);
    again();
    await say('c', '3');
    expect(queries.getQueryData(key)).toHaveLength(2);
    expect(queries.getQueryCache().hasListeners()).toBe(false);
    server.session.socket.terminate();
    await eventually(() => gaps.length === 2);
    expect(queries.getQueryState(key)?.isInvalidated).toBe(false);
    bindChatQueries(client, queries);
    await eventually(() => client.rooms.includes('thread:1'));
    await say('d', '4');
    expect(queries.getQueryData(key)).toHaveLength(3);
  });

  it("keeps an application's own hooks up to date", async () => {
    const server = await startServer();
    const queries = queryClient();
    const { client } = connect(server.url);
    await client.join('thread:1').joined;
    bindChatQueries(client, queries);
    const shown = await page();
    await shown.render(createElement(QueryClientProvider, { client: queries }, createElement(Own)));
    server.say('thread:1', 'message', { text: 'b' }, { id: '2' });
    await shows(() => shown.text === 'b', 'the message');
  });
});
