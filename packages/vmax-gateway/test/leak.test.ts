import type { TestClient } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { eventOf } from './support/events.js';
import { pick, randomFrom } from './support/random.js';
import {
  ask,
  fleetChannel,
  fleetOf,
  type MemberClaims,
  publish,
  regulatorChannel,
  startGateway,
  stopAll,
  type TestServer,
  toldSoFar,
} from './support/server.js';

afterEach(stopAll);

const fleetCount = 50;
const regulatorsPerFleet = 4;
const sessionCount = 200;
const eventCount = 600;
const wishesPerSession = 12;

const roles = [
  'ADMIN',
  'SUB_ADMIN',
  'FLEET_MGR',
  'SUB_FLEET_MGR',
  'FLEET_USER',
  'REG_OWNER',
  'ONBOARDING',
  'UNIT_TESTER',
  'SOMETHING_ELSE',
];
const fleets = Array.from({ length: fleetCount }, (_, index) => `fleet-${index}`);
const regulators = fleets.flatMap((fleet) =>
  Array.from({ length: regulatorsPerFleet }, (_, index) => `${fleet}/reg-${index}`),
);

interface Person extends Required<Pick<MemberClaims, 'role' | 'ownedRegulatorIds'>> {
  fleetId: string | null;
  client: TestClient;
  /** What it is subscribed to, by the answers of the server. */
  subscriptions: Set<string>;
}

interface Published {
  fleetId: string;
  type: string;
  regulatorId?: string;
  number: number;
}

/** The rules of the contract in other words than the gateway's: who may ever hear an event. */
function mayHear({ role, fleetId, ownedRegulatorIds }: Person, event: Published): boolean {
  const isPublic = event.type === 'REGULATOR_STATUS_CHANGED' || event.type === 'TELEMETRY_RECEIVED';
  if (role === 'ADMIN' || role === 'SUB_ADMIN') return true;
  if (role === 'FLEET_MGR' || role === 'SUB_FLEET_MGR' || role === 'FLEET_USER') return event.fleetId === fleetId;
  return role === 'REG_OWNER' && isPublic && ownedRegulatorIds.includes(event.regulatorId ?? '');
}

function isSubscribed({ subscriptions }: Person, { fleetId, regulatorId, type }: Published): boolean {
  if (subscriptions.has(`fleet:${fleetId}`)) return true;
  const isPublic = type === 'REGULATOR_STATUS_CHANGED' || type === 'TELEMETRY_RECEIVED';
  return isPublic && subscriptions.has(`regulator:${regulatorId}`);
}

async function arrive(server: TestServer, random: () => number, index: number): Promise<Person> {
  const role = roles[index % roles.length] as string;
  const fleetId = random() < 0.9 ? pick(random, fleets) : null;
  const ownedRegulatorIds = Array.from({ length: 5 }, () => pick(random, regulators));
  const claims = { role, fleetId, ownedRegulatorIds };
  const client = await server.member({ ...claims, userId: `user-${index}` });
  const isOfFleet = fleetId !== null && ['FLEET_MGR', 'SUB_FLEET_MGR', 'FLEET_USER'].includes(role);
  return { ...claims, client, subscriptions: new Set(isOfFleet ? [`fleet:${fleetId}`] : []) };
}

/** Subscribes to what is near and to what is not, allowed or not; the answers say what came of it. */
async function wish(person: Person, random: () => number): Promise<void> {
  const { client, fleetId, ownedRegulatorIds, subscriptions } = person;
  for (let wished = 0; wished < wishesPerSession; wished++) {
    const near = random() < 0.6;
    const regulator = near
      ? pick(random, [...ownedRegulatorIds, ...regulators.filter((id) => fleetOf(id) === fleetId)])
      : pick(random, regulators);
    const fleet = near && fleetId !== null ? fleetId : pick(random, fleets);
    const isFleet = random() < 0.3;
    const channel = isFleet ? fleetChannel(fleet) : regulatorChannel(regulator);
    const name = isFleet ? `fleet:${fleet}` : `regulator:${regulator}`;
    const { type } = await ask(client, random() < 0.9 ? 'SUBSCRIBE' : 'UNSUBSCRIBE', channel);
    if (type === 'SUBSCRIBED') subscriptions.add(name);
    if (type === 'UNSUBSCRIBED') subscriptions.delete(name);
  }
}

/** Publishes an event of any kind, and says which messages it stands for. */
function publishOne(server: TestServer, random: () => number, number: number): Published[] {
  const regulatorId = pick(random, regulators);
  // One in ten is published under a fleet that the directory does not have the regulator in.
  const fleetId = random() < 0.1 ? pick(random, fleets) : (fleetOf(regulatorId) as string);
  const barcode = String(number);
  const make = pick(random, ['statusChanged', 'checkedOut', 'checkedIn', 'telemetry', 'fleetUpdated'] as const);
  const told = (type: string): Published => ({ fleetId, type, regulatorId, number });
  switch (make) {
    case 'fleetUpdated':
      publish(server.gateway, eventOf.fleetUpdated(fleetId, { number }));
      return [{ fleetId, type: 'FLEET_UPDATED', number }];
    case 'telemetry':
      publish(server.gateway, { ...eventOf.telemetry(regulatorId, { soc: number }), fleetId });
      return [told('TELEMETRY_RECEIVED')];
    case 'statusChanged':
      publish(server.gateway, { ...eventOf.statusChanged(regulatorId, { barcode }), fleetId });
      return [told('REGULATOR_STATUS_CHANGED')];
    default: {
      const event = { ...eventOf[make](regulatorId, { barcode }), fleetId };
      publish(server.gateway, event);
      return [told(event.type), told('REGULATOR_STATUS_CHANGED')];
    }
  }
}

const numberOf = (payload: Record<string, unknown> = {}): number =>
  Number((payload.changes as { number?: number } | undefined)?.number ?? payload.barcode ?? payload.soc);

describe(`${eventCount} events of ${fleetCount} fleets among ${sessionCount} sessions of all roles`, () => {
  it.each([1, 2])('reach exactly those who may hear them and are subscribed, each once (seed %i)', async (seed) => {
    const random = randomFrom(seed);
    const server = await startGateway({ maxMessages: 0 });
    const people: Person[] = [];
    for (let index = 0; index < sessionCount; index++) people.push(await arrive(server, random, index));
    for (const person of people) await wish(person, random);

    const published: Published[] = [];
    for (let number = 0; number < eventCount; number++) published.push(...publishOne(server, random, number));

    let deliveries = 0;
    for (const person of people) {
      const heard = (await toldSoFar(person.client)).map(({ type, payload }) => `${numberOf(payload)} ${type}`);
      const due = published.filter((event) => isSubscribed(person, event) && mayHear(person, event));
      expect(heard).toEqual(due.map(({ number, type }) => `${number} ${type}`));
      deliveries += heard.length;
    }
    // What was granted at all must not be a fraction of what the test is about.
    expect(deliveries).toBeGreaterThan(sessionCount * 5);
    expect(deliveries).toBe(server.gateway.mount.stats().delivered);
  });

  it('subscribe to nothing that the rules do not grant, whatever they wish for', async () => {
    const random = randomFrom(3);
    const server = await startGateway({ maxMessages: 0 });
    for (let index = 0; index < sessionCount; index++) {
      const person = await arrive(server, random, index);
      await wish(person, random);
      for (const name of person.subscriptions) {
        const [kind, id] = name.split(/:(.*)/) as [string, string];
        const fleetId = kind === 'fleet' ? id : (fleetOf(id) as string);
        const event = { fleetId, regulatorId: id, type: kind === 'fleet' ? 'any' : 'TELEMETRY_RECEIVED', number: 0 };
        const exceeds = kind === 'regulator' && person.role === 'FLEET_USER';
        expect([person.role, name, mayHear(person, event) && !exceeds]).toEqual([person.role, name, true]);
      }
    }
  });
});
