import type { TestClient } from '@roomcast/testing';
import fc from 'fast-check';
import { afterEach, expect, it } from 'vitest';
import { eventOf } from './support/events.js';
import { type MemberClaims, startGateway, stopAll, type TestServer, type Told, told } from './support/server.js';

afterEach(stopAll);

/** How long it goes on. A failure prints the seed and path with which it can be repeated. */
const timeLimitMs = Number(process.env.ROOMCAST_FUZZ_MS ?? 60_000);

const claims: readonly MemberClaims[] = [
  { role: 'ADMIN' },
  { role: 'FLEET_MGR', fleetId: 'fleet-1' },
  { role: 'SUB_FLEET_MGR', fleetId: 'fleet-2' },
  { role: 'FLEET_USER', fleetId: 'fleet-1' },
  { role: 'REG_OWNER', ownedRegulatorIds: ['fleet-1/a', 'fleet-2/a'] },
  { role: 'UNIT_TESTER', fleetId: 'fleet-1' },
];

const word = (...words: string[]) => fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...words) }, fc.string());
const fleetId = word('fleet-1', 'fleet-2', '', 'fleet:fleet-1');
const regulatorId = word('fleet-1/a', 'fleet-1/b', 'fleet-2/a', 'regulator:fleet-1/a', '__proto__');
const odd = fc.oneof(fc.jsonValue(), fc.constant(null));
const mostly = (value: fc.Arbitrary<unknown>) => fc.oneof({ weight: 8, arbitrary: value }, odd);

const message = fc.record(
  {
    type: mostly(word('SUBSCRIBE', 'UNSUBSCRIBE', 'PING', 'CONNECTED', 'constructor')),
    payload: mostly(
      fc.record(
        {
          channel: mostly(word('fleet', 'regulator')),
          fleetId: mostly(fleetId),
          regulatorId: mostly(regulatorId),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);

const frame: fc.Arbitrary<string | Buffer> = fc.oneof(
  { weight: 8, arbitrary: message.map((value) => JSON.stringify(value)) },
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.from(bytes)),
);

const event = fc.record(
  {
    fleetId: mostly(fleetId),
    type: mostly(word(...Object.values(eventOf).map((make) => make('fleet-1/a').type))),
    payload: mostly(
      fc.record(
        {
          ...Object.fromEntries(
            Object.values(eventOf)
              .flatMap((make) => Object.entries(make('fleet-1/a').payload))
              .map(([field, value]) => [field, mostly(fc.constant(value))]),
          ),
          regulatorId: mostly(regulatorId),
        },
        { noNullPrototype: true },
      ),
    ),
  },
  { requiredKeys: [] },
);

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ who: fc.nat(claims.length - 1), frame }) },
  fc.record({ event }),
);

/** Whether somebody may be told something of the fleet, or of the regulator's public side. */
function mayHear(
  index: number,
  type: string,
  payload: Record<string, unknown>,
  publishedFor: string | undefined,
): boolean {
  const { role, fleetId: own, ownedRegulatorIds = [] } = claims[index] as MemberClaims;
  const isPublic = type === 'REGULATOR_STATUS_CHANGED' || type === 'TELEMETRY_RECEIVED';
  if (role === 'ADMIN') return true;
  if (role === 'REG_OWNER') return isPublic && ownedRegulatorIds.includes(String(payload.regulatorId));
  return role !== 'UNIT_TESTER' && own === publishedFor;
}

type Step = { who: number; frame: string | Buffer } | { event: unknown };

/** Everything a client is told until its last message is answered. */
async function everything(client: TestClient): Promise<Told[]> {
  client.send({ type: 'that is all' });
  const all: Told[] = [];
  for (;;) {
    const next = await told(client);
    if (next.payload?.message === 'Unknown message type: that is all') return all;
    all.push(next);
  }
}

async function check(server: TestServer, clients: readonly TestClient[], steps: readonly Step[]): Promise<void> {
  const sent = clients.map(() => 0);
  /** By what tells an event from others, the fleet it was published for. */
  const publishedFor = new Map<unknown, string>();
  for (const one of steps) {
    if ('frame' in one) {
      clients[one.who]?.send(one.frame);
      sent[one.who] = (sent[one.who] ?? 0) + 1;
      continue;
    }
    const parsed = server.gateway.parse(one.event);
    if (!parsed.ok) continue;
    const barcode = `event-${publishedFor.size}`;
    publishedFor.set(barcode, parsed.event.fleetId);
    server.gateway.publish({ ...parsed.event, payload: { ...parsed.event.payload, barcode } } as typeof parsed.event);
  }
  for (const [index, client] of clients.entries()) {
    const all = await everything(client);
    const isAnswer = ({ type }: Told) => ['SUBSCRIBED', 'UNSUBSCRIBED', 'ERROR', 'PONG'].includes(type);
    expect(all.filter(isAnswer)).toHaveLength(sent[index] as number);
    for (const message of all) {
      if (isAnswer(message)) continue;
      const { type, payload = {} } = message;
      expect([type, mayHear(index, type, payload, publishedFor.get(payload.barcode))]).toEqual([type, true]);
    }
  }
}

it('survives whatever clients and publishers send, and tells nobody what is not theirs', async () => {
  const server = await startGateway({ maxMessages: 0 }, { maxConnectsPerIpPerMinute: 1_000_000 });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const clients = await Promise.all(claims.map((one) => server.member(one)));
      try {
        await check(server, clients, steps);
        expect(server.gateway.mount.stats().failures).toBe(0);
        for (const client of clients) expect(client.socket.readyState).toBe(client.socket.OPEN);
      } finally {
        await Promise.all(clients.map((client) => client.close()));
      }
    }),
    { numRuns: Number.POSITIVE_INFINITY, interruptAfterTimeLimit: timeLimitMs, markInterruptAsFailure: false },
  );
});
