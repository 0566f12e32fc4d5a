import { turns } from '@roomcast/testing';
import { page, shows } from '@roomcast/testing/page';
import { createElement, type ReactNode, StrictMode } from 'react';
import { describe, expect, it } from 'vitest';
import { createRaffleClient, type RaffleClientOptions, type SubscriptionRequest } from '../src/index.js';
import { type RaffleEventsView, type RaffleSource, useRaffleEvents, useRaffleGrid } from '../src/react/index.js';
import { box, connect, startServer, whole } from './support/client.js';

const { renderToString } = await import('react-dom/server');

const boxesOf = (raffle_id: string) => ({ event_type: 'box_purchased', raffle_id }) as const;

interface BoxesProps {
  source: RaffleSource;
  filters?: readonly SubscriptionRequest[];
  keep?: number;
  seen?: unknown[];
  onView?: (view: RaffleEventsView) => void;
}

/** Shows the state, and the numbers of the boxes that were bought. */
function Boxes({ source, filters = [boxesOf('r')], keep, seen, onView }: BoxesProps): ReactNode {
  const view = useRaffleEvents(source, filters, {
    ...(keep !== undefined && { keep }),
    onEvent: (event) => seen?.push(event),
  });
  onView?.(view);
  const numbers = view.events.map(({ data }) => ('box_number' in data ? data.box_number : '?'));
  return `${view.state} ${numbers.join(' ')}`;
}

function Grid({ source, raffleId }: { source: RaffleSource; raffleId: string }): ReactNode {
  const { grid, isConnected } = useRaffleGrid(source, raffleId);
  return `${isConnected} ${grid.raffleId}: ${[...grid.boxes.keys()].join(' ')}`;
}

const boxes = (props: BoxesProps) => createElement(Boxes, props);
const grid = (source: RaffleSource, raffleId: string) => createElement(Grid, { source, raffleId });
const strict = (...nodes: ReactNode[]) => createElement(StrictMode, null, ...nodes);

describe('useRaffleEvents', () => {
  it('connects, subscribes, shows what comes, and leaves nothing behind', async () => {
    const server = await startServer();
    const shown = await page();
    const seen: unknown[] = [];
    await shown.render(boxes({ source: { url: server.url, token: 'good' }, seen }));
    await shows(() => server.sessions[0]?.types.includes('ping'), 'the connection');
    await shows(() => server.live.length === 1, 'one connection');
    expect(server.session.lists).toEqual([[whole(boxesOf('r'))]]);
    for (const number of [1, 2, 3]) server.session.push('box_purchased', box('r', number));
    server.session.push('box_purchased', box('another', 4));
    await shows(() => seen.length === 3, 'three events');
    await shown.unmount();
    await shows(() => server.session.closedWith === 1000, 'the end of the connection');
    expect(server.sessions).toHaveLength(1);
  });

  it('shows each state and event', async () => {
    const server = await startServer();
    const shown = await page();
    await shown.render(boxes({ source: { url: server.url }, keep: 2 }));
    await shows(() => shown.text.startsWith('open'), 'open');
    await server.connection(1, 'subscribe');
    for (const number of [1, 2, 3]) server.session.push('box_purchased', box('r', number));
    await shows(() => shown.text === 'open 2 3', 'the last two');
    server.session.socket.close(4408);
    await shows(() => shown.text === 'failed 2 3', 'the end');
  });

  it('tells its client and errors, which pass when it is connected', async () => {
    const server = await startServer();
    const shown = await page();
    const views: RaffleEventsView[] = [];
    const source = { url: server.url, baseMs: 4, capMs: 16 };
    await shown.render(boxes({ source, onView: (view) => views.push(view) }));
    await shows(() => shown.text.startsWith('open'), 'open');
    server.session.socket.terminate();
    await shows(() => server.urls.length === 2 && views.at(-1)?.isConnected, 'the next connection');
    expect(views.some(({ error }) => error?.name === 'ConnectionLostError')).toBe(true);
    expect(views.at(-1)?.error).toBeUndefined();
    expect(views[0]?.client).toBeUndefined();
    expect(views.at(-1)?.client?.subscriptions).toEqual([whole(boxesOf('r'))]);
  });

  it('counts how often events were missed, through reconnections', async () => {
    const server = await startServer();
    const shown = await page();
    const views: RaffleEventsView[] = [];
    const source = { url: server.url, baseMs: 4, capMs: 16 };
    await shown.render(boxes({ source, onView: (view) => views.push(view) }));
    await shows(() => server.sessions[0]?.types.includes('subscribe'), 'the first connection');
    server.session.push('events_missed', {});
    await shows(() => views.at(-1)?.missed === 1, 'the first notice');
    server.session.socket.terminate();
    await shows(() => server.sessions[1]?.types.includes('subscribe'), 'the second connection');
    server.session.push('events_missed', {});
    await shows(() => views.at(-1)?.missed === 2, 'the second notice');
    expect(views[0]?.missed).toBe(0);
    expect(views.at(-1)?.events).toEqual([]);
  });

  it('has one connection in StrictMode, and none afterwards', async () => {
    const server = await startServer();
    const shown = await page();
    await shown.render(strict(boxes({ source: { url: server.url, token: () => 'good' } })));
    await shows(() => shown.text.startsWith('open'), 'open');
    await turns(5);
    expect(server.urls).toHaveLength(1);
    expect(server.session.types).toEqual(['auth', 'subscribe', 'ping']);
    server.session.push('box_purchased', box('r', 1));
    await shows(() => shown.text === 'open 1', 'the event, once');
    await shown.unmount();
    await shows(() => server.live.length === 0, 'the end');
  });

  it('shares a connection among components, and keeps it while one is left', async () => {
    const server = await startServer();
    const shown = await page();
    const source = (): RaffleClientOptions => ({ url: server.url, token: () => 'good' });
    const both = [
      createElement(Boxes, { key: 1, source: source(), filters: [boxesOf('a')] }),
      createElement(Boxes, { key: 2, source: source(), filters: [boxesOf('b'), boxesOf('a')] }),
    ];
    await shown.render(strict(both));
    await shows(() => server.session.lists.length === 1, 'the list');
    expect(server.session.lists[0]).toEqual([whole(boxesOf('a')), whole(boxesOf('b'))]);
    server.session.push('box_purchased', box('a', 7));
    await shows(() => shown.text === 'open 7open 7', 'both, once each');
    await shown.render(strict(both[0]));
    await shows(() => server.session.lists.length === 2, 'the shorter list');
    expect(server.session.lists[1]).toEqual([whole(boxesOf('a'))]);
    expect(server.live).toHaveLength(1);
    expect(server.urls).toHaveLength(1);
  });

  it('is not moved by what is new in each rendering', async () => {
    const server = await startServer();
    const shown = await page();
    const again = (n: number) =>
      shown.render(
        boxes({
          source: { url: server.url, token: () => `token-${n}`, baseMs: 4, capMs: 16 },
          filters: [{ ...boxesOf('r') }],
        }),
      );
    await again(1);
    await shows(() => shown.text.startsWith('open'), 'open');
    server.session.push('box_purchased', box('r', 1));
    await shows(() => shown.text === 'open 1', 'the event');
    await again(2);
    await turns(3);
    expect([shown.text, server.urls.length, server.session.lists.length]).toEqual(['open 1', 1, 1]);
    server.session.socket.terminate();
    await shows(() => server.sessions[1]?.types.includes('ping'), 'the next connection');
    expect(server.session.tokens).toEqual(['token-2']);
  });

  it('tells other subscriptions over the same connection, and begins again', async () => {
    const server = await startServer();
    const shown = await page();
    const source = { url: server.url };
    await shown.render(boxes({ source, filters: [boxesOf('a')] }));
    await shows(() => server.sessions[0]?.lists.length === 1, 'the list');
    server.session.push('box_purchased', box('a', 1));
    await shows(() => shown.text === 'open 1', 'the event');
    await shown.render(boxes({ source, filters: [boxesOf('b')] }));
    await shows(() => server.session.lists.length === 2, 'the other list');
    expect(server.session.lists[1]).toEqual([whole(boxesOf('b'))]);
    expect([shown.text, server.urls.length]).toEqual(['open ', 1]);
  });

  it('connects as another user with another token', async () => {
    const server = await startServer();
    const shown = await page();
    await shown.render(boxes({ source: { url: server.url, token: 'alice' } }));
    await shows(() => server.sessions[0]?.types.includes('ping'), 'the first');
    await shown.render(boxes({ source: { url: server.url, token: 'bob' } }));
    await shows(() => server.sessions[1]?.types.includes('ping') && server.live.length === 1, 'the second alone');
    expect(server.sessions.map(({ tokens }) => tokens)).toEqual([['alice'], ['bob']]);
  });

  it('uses a client of the application, and leaves it alone', async () => {
    const server = await startServer();
    const { client } = connect(server.url);
    const shown = await page();
    await shown.render(strict(boxes({ source: client })));
    await shows(() => shown.text.startsWith('open'), 'open');
    expect(client.subscriptions).toHaveLength(1);
    await shown.unmount();
    await turns(3);
    expect([client.subscriptions.length, client.state]).toEqual([0, 'open']);
    await client.close();
    const closed = await page();
    await closed.render(boxes({ source: client }));
    expect(closed.text).toBe('closed ');
  });

  it('throws where its options or subscriptions cannot be, and leaves nothing behind', async () => {
    const server = await startServer();
    const wrong = [{ event_type: 'nonsense' } as never];
    const shown = await page();
    await expect(shown.render(boxes({ source: { url: server.url }, filters: wrong }))).rejects.toThrow('event_type');
    await turns(5);
    expect(server.live).toHaveLength(0);
    const other = await page();
    await expect(other.render(boxes({ source: { url: 'nonsense' } }))).rejects.toThrow('option url');
  });

  it('shows itself without connecting on a server, and connects where that is taken over', async () => {
    const server = await startServer();
    const node = boxes({ source: { url: server.url } });
    const html = renderToString(node);
    await turns(5);
    expect([html, server.urls.length]).toEqual(['idle ', 0]);
    expect(renderToString(boxes({ source: { url: '/ws' } }))).toBe('idle ');
    const shown = await page({ html, node });
    await shows(() => shown.text.startsWith('open'), 'open');
    expect(server.urls).toHaveLength(1);
  });
});

describe('useRaffleGrid', () => {
  it('shows the boxes of a raffle, then of another', async () => {
    const server = await startServer();
    const client = createRaffleClient({ url: server.url });
    const shown = await page();
    await shown.render(strict(grid(client, 'a')));
    await shows(() => server.sessions[0]?.lists.length === 1, 'the list');
    for (const number of [3, 1]) server.session.push('box_purchased', box('a', number));
    await shows(() => shown.text === 'true a: 3 1', 'the boxes');
    await shown.render(strict(grid(client, 'b')));
    await shows(() => server.session.lists.length === 2, 'the other list');
    expect(shown.text).toBe('true b: ');
    server.session.push('box_purchased', box('b', 2));
    await shows(() => shown.text === 'true b: 2', 'its box');
    await shown.unmount();
    await client.close();
  });
});
