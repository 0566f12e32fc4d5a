import { createServer } from 'node:http';
import { createEngine, type Engine, type EngineOptions } from '@roomcast/engine';
import { jwtVerifier } from '@roomcast/engine/identity';
import { type EventType, parsePublishEvent, type RaffleEvent, tokenLeewaySeconds } from '@roomcast/raffle-protocol';
import {
  type Listening,
  listen,
  ManualClock,
  openClient,
  patienceMs,
  RecordingLogger,
  type TestClient,
} from '@roomcast/testing';
import { expect, vi } from 'vitest';
import { type RaffleGateway, type RaffleGatewayOptions, raffleGateway } from '../../src/index.js';
import { secret, type TokenClaims, token } from './tokens.js';

export interface TestServer extends Listening {
  engine: Engine;
  gateway: RaffleGateway;
  logger: RecordingLogger;
  clock: ManualClock;
  /** A client that is connected, by default to `/ws`. */
  client(path?: string): Promise<TestClient>;
  /** A client that is authenticated. */
  signedIn(claims: TokenClaims): Promise<TestClient>;
  /** A client that is subscribed, authenticated where claims are given. */
  subscribed(subscriptions: readonly object[], claims?: TokenClaims): Promise<TestClient>;
  publish(input: object): RaffleEvent;
}

const running: (() => Promise<void>)[] = [];

/** For `afterEach`: ends every server of the test. */
export async function stopAll(): Promise<void> {
  for (const stop of running.splice(0).reverse()) await stop();
}

const verifier = await jwtVerifier({ secret }, { leewaySeconds: tokenLeewaySeconds });

/** A clock that stands at the second that is: tokens are verified by the machine's time. */
export function clockOfNow(): ManualClock {
  return new ManualClock(Math.floor(Date.now() / 1000) * 1000);
}

/** Tests ask with `ping` how far the server is, again and again, on a clock that stands still. */
const unlimited = { maxMessages: 0, maxMessagesBeforeAuth: 0 };

export async function startGateway(
  options: Partial<RaffleGatewayOptions> = {},
  engineOptions: EngineOptions & { clock?: ManualClock } = {},
): Promise<TestServer> {
  const logger = new RecordingLogger();
  const clock = engineOptions.clock ?? clockOfNow();
  const engine = createEngine({ logger, ...engineOptions, clock });
  const gateway = raffleGateway(engine, { verifier, ...unlimited, ...options });
  await gateway.ready();
  await engine.ready();
  const http = createServer();
  engine.attach(http);
  const listening = await listen(http);
  running.push(async () => {
    await engine.close();
    await listening.close();
  });
  const client = (path = '/ws') => openClient(`${listening.ws}${path}`);
  const signedIn = async (claims: TokenClaims) => {
    const connected = await client();
    await authenticate(connected, await token(claims, clock.now()));
    return connected;
  };
  return {
    ...listening,
    engine,
    gateway,
    logger,
    clock,
    client,
    signedIn,
    async subscribed(subscriptions, claims) {
      const connected = await (claims === undefined ? client() : signedIn(claims));
      await subscribe(connected, subscriptions);
      return connected;
    },
    publish(input) {
      const parsed = gateway.parse(input);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
      gateway.publish(parsed.event);
      return parsed.event;
    },
  };
}

/** Waits until an assertion holds. */
export function until(assertion: () => unknown): Promise<unknown> {
  return vi.waitFor(assertion, { timeout: patienceMs, interval: 5 });
}

interface Received {
  message_type: string;
  data: Record<string, unknown>;
  timestamp: string;
}

/** Sends `ping` and returns what came until its `pong`: messages are handled in order, so that all before is done. */
export async function settle(client: TestClient): Promise<Received[]> {
  client.send({ message_type: 'ping', data: {} });
  const received: Received[] = [];
  for (;;) {
    const message = await client.nextJson<Received>();
    if (message.message_type === 'pong') return received;
    received.push(message);
  }
}

/** The types of the events that came. */
export async function events(client: TestClient): Promise<string[]> {
  return (await settle(client)).map(({ message_type }) => message_type);
}

export async function authenticate(client: TestClient, token: string): Promise<void> {
  client.send({ message_type: 'auth', data: { token } });
  expect(await settle(client)).toEqual([]);
}

/** Subscribes; what the server sends until it has is left out. */
export async function subscribe(client: TestClient, subscriptions: readonly object[]): Promise<void> {
  client.send({ message_type: 'subscribe', data: { subscriptions } });
  await settle(client);
}

const at = '2024-01-15T10:30:00Z';

const samples: { [T in EventType]: object } = {
  raffle_created: {
    raffle_id: 'r-1',
    item_id: 'i-1',
    seller_id: 'seller',
    total_boxes: 100,
    box_price: 2.5,
    created_at: at,
  },
  box_purchased: {
    raffle_id: 'r-1',
    user_id: 'buyer',
    box_number: 25,
    boxes_remaining: 75,
    completion_percentage: 25,
    purchased_at: at,
  },
  raffle_full: { raffle_id: 'r-1', item_id: 'i-1', total_boxes: 100, completed_at: at },
  winner_selected: { raffle_id: 'r-1', item_id: 'i-1', winner_user_ids: ['buyer', 'winner'], completed_at: at },
  raffle_cancelled: { raffle_id: 'r-1', item_id: 'i-1', reason: 'none left', cancelled_at: at },
  item_created: { item_id: 'i-1', seller_id: 'seller', name: 'Headphones', category: 'Electronics', created_at: at },
  item_updated: { item_id: 'i-1', seller_id: 'seller', changes: ['name'], updated_at: at },
  item_stock_changed: { item_id: 'i-1', old_quantity: 10, new_quantity: 5, updated_at: at },
  user_joined: { user_id: 'buyer', username: 'b@example.com', joined_at: at },
  user_left: { user_id: 'buyer', left_at: at },
  credits_issued: { user_id: 'buyer', amount: 50, source: 'payment', issued_at: at },
  credits_redeemed: { user_id: 'buyer', amount: 10, item_id: 'i-1', redeemed_at: at },
  system_maintenance: { message: 'Soon', scheduled_at: at },
  system_alert: { level: 'info', message: 'News', created_at: at },
};

/** An event as a backend would publish it. */
export function event(
  type: EventType,
  { room, ...data }: { room?: string } & Record<string, unknown> = {},
): RaffleEvent {
  const input = { message_type: type, data: { ...samples[type], ...data }, ...(room !== undefined && { room }) };
  const parsed = parsePublishEvent(input);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.issues));
  return parsed.value;
}
