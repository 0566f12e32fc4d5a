import { turns } from '@roomcast/testing';
import { page, shows } from '@roomcast/testing/page';
import { Activity, type ActivityProps, createElement, type ReactNode, StrictMode } from 'react';
import { describe, expect, it } from 'vitest';
import { type GuildEvent, type SpywatcherClientOptions, spywatcherClient } from '../src/index.js';
import { type AnalyticsView, type SpywatcherSource, useAnalytics, useGuildEvents } from '../src/react/index.js';
import { analytics, connect, hurried, message, observe, startServer } from './support/client.js';

const { renderToString } = await import('react-dom/server');

interface FeedProps {
  source: SpywatcherSource;
  guildId?: string | null | undefined;
  keep?: number;
  seen?: GuildEvent[];
}

/** Shows the state, and who wrote. */
function Feed({ source, guildId, keep, seen }: FeedProps): ReactNode {
  const { events, lastEvent, state } = useGuildEvents(source, guildId, {
    ...(keep !== undefined && { keep }),
    onEvent: (event) => seen?.push(event),
  });
  expect(events.at(-1)).toBe(lastEvent);
  return `${state} ${events.map(({ data }) => data.username).join(' ')}`;
}

interface GhostsProps {
  source: SpywatcherSource;
  guildId?: string | undefined;
  onView?: (view: AnalyticsView) => void;
}

/** Shows whether it is connected, what was refused, and the first ghost. */
function Ghosts({ source, guildId, onView }: GhostsProps): ReactNode {
  const view = useAnalytics(source, guildId);
  onView?.(view);
  return `${view.isConnected} ${view.error?.name ?? ''} ${view.analytics?.data.ghosts[0]?.ghostScore ?? ''}`;
}

interface LossesProps {
  hook: typeof useAnalytics | typeof useGuildEvents;
  source: SpywatcherSource;
  guildId: string;
  seen: { missed: number };
}

/** Takes down how often the server has lost events. */
function Losses({ hook: useView, source, guildId, seen }: LossesProps): ReactNode {
  seen.missed = useView(source, guildId).missed;
  return null;
}

const feed = (props: FeedProps) => createElement(Feed, props);
const ghosts = (props: GhostsProps) => createElement(Ghosts, props);
const strict = (...nodes: ReactNode[]) => createElement(StrictMode, null, ...nodes);

describe('useGuildEvents', () => {
  it('connects, subscribes, shows what comes, and leaves nothing behind', async () => {
    const server = await startServer();
    const shown = await page();
    const seen: GuildEvent[] = [];
    const source = { url: server.url, token: 'good' };
    await shown.render(feed({ source, guildId: 'g-1', keep: 2, seen }));
    await shows(() => server.sessions[0]?.received.includes('subscribe:guild g-1'), 'the subscription');
    for (const name of ['a', 'b', 'c']) server.session.push('message:new', message('g-1', name));
    server.session.push('message:new', message('g-2', 'other'));
    await shows(() => shown.text === 'open b c', 'the last two');
    expect(seen.map(({ data }) => data.username)).toEqual(['a', 'b', 'c']);
    await shown.unmount();
    await shows(() => server.live.length === 0, 'the end');
    expect(server.session.received).toEqual(['subscribe:guild g-1', 'unsubscribe:guild g-1']);
    expect(server.sessions).toHaveLength(1);
  });

  it('keeps a hundred by default', async () => {
    const server = await startServer();
    const shown = await page();
    await shown.render(feed({ source: { url: server.url, token: 'good' }, guildId: 'g-1' }));
    await shows(() => server.sessions[0]?.received.length === 1, 'the subscription');
    for (let n = 0; n < 105; n++) server.session.push('message:new', message('g-1', `${n}`));
    await shows(() => shown.text.endsWith(' 104'), 'the last one');
    expect(shown.text.split(' ')).toHaveLength(101);
    expect(shown.text).toMatch(/^open 5 6 /);
  });

  it('has one socket and one subscription in StrictMode, and none afterwards', async () => {
    const server = await startServer();
    const shown = await page();
    await shown.render(strict(feed({ source: { url: server.url, token: () => 'good' }, guildId: 'g-1' })));
    await shows(() => shown.text.startsWith('open'), 'open');
    await shows(() => server.sessions[0]?.received.length === 1, 'the subscription');
    await turns(5);
    expect([server.attempts, server.session.received]).toEqual([['websocket'], ['subscribe:guild g-1']]);
    server.session.push('message:new', message('g-1'));
    await shows(() => shown.text === 'open pim', 'the event, once');
    await shown.unmount();
    await shows(() => server.live.length === 0, 'the end');
    expect(server.attempts).toHaveLength(1);
  });

  it.each([undefined, null])('connects nowhere while the guild is %s', async (none) => {
    const server = await startServer();
    const shown = await page();
    const source = { url: server.url, token: 'good' };
    await shown.render(strict(feed({ source, guildId: none })));
    await turns(5);
    expect([shown.text, server.attempts]).toEqual(['idle ', []]);
    await shown.render(strict(feed({ source, guildId: 'g-1' })));
    await shows(() => shown.text.startsWith('open'), 'open');
    await shown.render(strict(feed({ source, guildId: none })));
    await shows(() => server.live.length === 0, 'the end');
    expect(shown.text).toBe('idle ');
  });

  it('shares a connection and subscriptions among components', async () => {
    const server = await startServer();
    const shown = await page();
    const source = (): SpywatcherClientOptions => ({ url: server.url, token: () => 'good' });
    const all = [
      createElement(Feed, { key: 1, source: source(), guildId: 'g-1' }),
      createElement(Feed, { key: 2, source: source(), guildId: 'g-1' }),
      createElement(Ghosts, { key: 3, source: source(), guildId: 'g-1' }),
    ];
    await shown.render(strict(all));
    await shows(() => server.sessions[0]?.received.length === 2, 'the subscriptions');
    await turns(5);
    expect(server.session.received).toEqual(['subscribe:guild g-1', 'subscribe:analytics g-1']);
    server.session.push('message:new', message('g-1'));
    server.session.push('analytics:update', analytics('g-1', 5));
    await shows(() => shown.text === 'open pimopen pimtrue  5', 'all of them');
    await shown.render(strict(all[0]));
    await shows(() => server.session.received.length === 3, 'the one that nobody needs');
    expect(server.session.received[2]).toBe('unsubscribe:analytics g-1');
    expect(server.attempts).toHaveLength(1);
  });

  it('follows another guild over the same connection, and begins again', async () => {
    const server = await startServer();
    const shown = await page();
    const source = { url: server.url, token: 'good' };
    await shown.render(feed({ source, guildId: 'g-1' }));
    await shows(() => server.sessions[0]?.received.length === 1, 'the subscription');
    server.session.push('message:new', message('g-1'));
    await shows(() => shown.text === 'open pim', 'the event');
    await shown.render(feed({ source, guildId: 'g-2' }));
    await shows(() => server.session.received.length === 3, 'the other subscription');
    expect(server.session.received.slice(1)).toEqual(['unsubscribe:guild g-1', 'subscribe:guild g-2']);
    expect([shown.text, server.attempts.length]).toEqual(['open ', 1]);
  });

  it('begins again where it was hidden for a while', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const shown = await page();
    const children = feed({ source: client, guildId: 'g-1' });
    const show = (mode: 'visible' | 'hidden') => {
      const props: ActivityProps = { mode, children };
      return shown.render(createElement(Activity, props));
    };
    await show('visible');
    await shows(() => server.sessions[0]?.received.length === 1, 'the subscription');
    server.session.push('message:new', message('g-1'));
    await shows(() => shown.text === 'open pim', 'the event');
    await show('hidden');
    await shows(() => server.session.received.length === 2, 'the end of it');
    await show('visible');
    await shows(() => server.session.received.length === 3, 'the next one');
    expect(shown.text).toBe('open ');
    await shown.unmount();
  });

  it('is not moved by what is new in each rendering, and uses the token rendered last', async () => {
    const server = await startServer();
    const shown = await page();
    const again = (n: number) =>
      shown.render(feed({ source: { url: server.url, token: () => `token-${n}`, ...hurried }, guildId: 'g-1' }));
    await again(1);
    await shows(() => server.sessions[0]?.received.length === 1, 'the subscription');
    server.session.push('message:new', message('g-1'));
    await shows(() => shown.text === 'open pim', 'the event');
    await again(2);
    await turns(3);
    expect([shown.text, server.attempts.length, server.session.received.length]).toEqual(['open pim', 1, 1]);
    server.session.cut();
    await shows(() => server.sessions[1]?.received.length === 1, 'the next connection');
    expect(server.tokens).toEqual(['token-1', 'token-2']);
    await shows(() => shown.text === 'open pim', 'open again, with what it had');
  });

  it('connects as another user with another token', async () => {
    const server = await startServer();
    const shown = await page();
    await shown.render(feed({ source: { url: server.url, token: 'alice' }, guildId: 'g-1' }));
    await shows(() => server.sessions.length === 1, 'the first');
    await shown.render(feed({ source: { url: server.url, token: 'bob' }, guildId: 'g-1' }));
    await shows(() => server.sessions.length === 2 && server.live.length === 1, 'the second alone');
    expect(server.tokens).toEqual(['alice', 'bob']);
  });

  it("shares the application's client, and leaves it alone", async () => {
    const server = await startServer();
    const options = { url: server.url, token: 'good' };
    const { client } = observe(spywatcherClient(options));
    const shown = await page();
    await shown.render(strict(feed({ source: { ...options }, guildId: 'g-1' })));
    await shows(() => shown.text.startsWith('open'), 'open');
    expect([client.subscriptions.length, server.attempts.length]).toEqual([1, 1]);
    await shown.unmount();
    await turns(3);
    expect([client.subscriptions.length, client.state]).toEqual([0, 'open']);
  });

  it('uses a client that it is given, and leaves it alone', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const shown = await page();
    await shown.render(strict(feed({ source: client, guildId: 'g-1' })));
    await shows(() => shown.text.startsWith('open'), 'open');
    await shown.unmount();
    await turns(3);
    expect([client.subscriptions.length, client.state]).toEqual([0, 'open']);
    await client.close();
    const closed = await page();
    await closed.render(feed({ source: client, guildId: 'g-1' }));
    expect(closed.text).toBe('closed ');
  });

  it('throws where its options or guild cannot be, and leaves nothing behind', async () => {
    const server = await startServer();
    const shown = await page();
    const source = { url: server.url, token: 'good' };
    await expect(shown.render(feed({ source, guildId: '' }))).rejects.toThrow('guildId');
    await turns(5);
    expect(server.live).toHaveLength(0);
    const other = await page();
    await expect(other.render(feed({ source: { url: 'nonsense' }, guildId: 'g-1' }))).rejects.toThrow('option url');
  });

  it('shows itself without connecting on a server, and connects where that is taken over', async () => {
    const server = await startServer();
    const node = feed({ source: { url: server.url, token: 'good' }, guildId: 'g-1' });
    const html = renderToString(node);
    await turns(5);
    expect([html, server.attempts.length]).toEqual(['idle ', 0]);
    expect(renderToString(feed({ source: { url: '/' }, guildId: 'g-1' }))).toBe('idle ');
    const shown = await page({ html, node });
    await shows(() => shown.text.startsWith('open'), 'open');
    expect(server.attempts).toHaveLength(1);
  });
});

describe('useAnalytics', () => {
  it('shows the last update, also to who comes later, and across connections', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const shown = await page();
    await shown.render(strict(ghosts({ source: client, guildId: 'g-1' })));
    await shows(() => server.sessions[0]?.received.length === 1, 'the subscription');
    server.session.push('analytics:update', analytics('g-1', 1));
    server.session.push('analytics:update', analytics('g-2', 9));
    server.session.push('analytics:update', analytics('g-1', 2));
    await shows(() => shown.text === 'true  2', 'the last one');
    const later = await page();
    await later.render(strict(ghosts({ source: client, guildId: 'g-1' })));
    await shows(() => later.text === 'true  2', 'the same');
    server.session.cut();
    await shows(() => server.sessions[1]?.received.length === 1 && shown.text === 'true  2', 'the next connection');
    await shown.render(strict(ghosts({ source: client })));
    expect(shown.text).toBe('false  ');
    await later.unmount();
  });

  it('tells its client and errors, which pass when it is connected', async () => {
    const server = await startServer();
    const shown = await page();
    const views: AnalyticsView[] = [];
    const source = { url: server.url, token: 'good', ...hurried };
    await shown.render(ghosts({ source, guildId: 'g-1', onView: (view) => views.push(view) }));
    await shows(() => shown.text.startsWith('true'), 'open');
    server.session.cut();
    await shows(() => server.sessions.length === 2 && views.at(-1)?.isConnected, 'the next connection');
    expect(views.some(({ error }) => error?.name === 'ConnectionLostError')).toBe(true);
    expect(views.at(-1)?.error).toBeUndefined();
    expect(views[0]?.client).toBeUndefined();
    expect(views.at(-1)?.client?.subscriptions).toEqual([{ kind: 'analytics', guildId: 'g-1' }]);
  });

  it('tells that its guild is refused, also to who comes later, and not that others are', async () => {
    const server = await startServer();
    server.answer = (_event, guildId) => (guildId === 'closed' ? { ok: false, message: 'no' } : { ok: true });
    const { client } = connect(server.url);
    const shown = await page();
    const both = [
      createElement(Ghosts, { key: 1, source: client, guildId: 'closed' }),
      createElement(Ghosts, { key: 2, source: client, guildId: 'open' }),
      createElement(Feed, { key: 3, source: client, guildId: 'open' }),
    ];
    await shown.render(strict(both));
    await shows(() => shown.text === 'true SubscriptionDeniedError true  open ', 'the refusal');
    const later = await page();
    await later.render(strict(ghosts({ source: client, guildId: 'closed' })));
    expect(later.text).toBe('true SubscriptionDeniedError ');
    await shown.unmount();
    await later.unmount();
  });

  it('does not take a refusal of the events for one of the analytics', async () => {
    const server = await startServer();
    server.answer = (event) => (event === 'subscribe:guild' ? { ok: false, message: 'no' } : { ok: true });
    const { client, errors } = connect(server.url);
    client.subscribeToGuild('g-1');
    const shown = await page();
    await shown.render(ghosts({ source: client, guildId: 'g-1' }));
    await shows(() => errors.length === 1, 'the refusal');
    expect(shown.text).toBe('true  ');
    await shown.unmount();
  });

  it('counts what the server has lost of its guild, across connections', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const [first, second, third] = [{ missed: -1 }, { missed: -1 }, { missed: -1 }];
    const all = [
      createElement(Losses, { key: 1, hook: useGuildEvents, source: client, guildId: 'g-1', seen: first }),
      createElement(Losses, { key: 2, hook: useGuildEvents, source: client, guildId: 'g-2', seen: second }),
      createElement(Losses, { key: 3, hook: useAnalytics, source: client, guildId: 'g-1', seen: third }),
    ];
    const shown = await page();
    await shown.render(all);
    await shows(() => client.state === 'open', 'open');
    const counts = () => [first, second, third].map(({ missed }) => missed);
    expect(counts()).toEqual([0, 0, 0]);
    server.session.push('events:missed', { guildId: 'g-1' });
    await shows(() => first.missed === 1, 'the guild');
    server.session.push('events:missed', {});
    await shows(() => second.missed === 1, 'everybody');
    expect(counts()).toEqual([2, 1, 1]);
    server.session.cut();
    await shows(() => server.sessions.length === 2 && client.state === 'open', 'the next connection');
    expect(counts()).toEqual([2, 1, 1]);
    await shown.unmount();
  });

  it('shows a token that is of no use as such', async () => {
    const server = await startServer();
    server.refuseToken = () => 'Invalid token';
    const shown = await page();
    await shown.render(strict(ghosts({ source: { url: server.url, token: 'wrong' }, guildId: 'g-1' })));
    await shows(() => shown.text === 'false CredentialsRefusedError ', 'the refusal');
    expect(server.tokens).toEqual(['wrong']);
  });
});
