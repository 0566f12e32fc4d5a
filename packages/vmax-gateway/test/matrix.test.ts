import type { TestClient } from '@roomcast/testing';
import { accessMatrix, type Role, roles } from '@roomcast/vmax-protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, fleetChannel, regulatorChannel, startGateway, stopAll, type TestServer } from './support/server.js';

afterEach(stopAll);

/** Everybody here belongs to `fleet-1` and owns `fleet-1/mine` and `fleet-2/mine`. */
const claims = { fleetId: 'fleet-1', ownedRegulatorIds: ['fleet-1/mine', 'fleet-2/mine', 'stray-mine'] };

const channels = {
  'own fleet': fleetChannel('fleet-1'),
  'other fleet': fleetChannel('fleet-2'),
  'regulator in own fleet': regulatorChannel('fleet-1/other'),
  'own regulator in own fleet': regulatorChannel('fleet-1/mine'),
  'own regulator in other fleet': regulatorChannel('fleet-2/mine'),
  'regulator in other fleet': regulatorChannel('fleet-2/other'),
  'regulator that nobody knows': regulatorChannel('stray'),
  'own regulator that nobody knows': regulatorChannel('stray-mine'),
} as const;

type ChannelName = keyof typeof channels;

const all = Object.keys(channels) as ChannelName[];
const allRegulators = all.filter((name) => channels[name].channel === 'regulator');
const own: readonly ChannelName[] = allRegulators.filter((name) => name.startsWith('own regulator'));
const inOwnFleet: readonly ChannelName[] = ['regulator in own fleet', 'own regulator in own fleet'];

/** What the API's document and contract grant, written by hand: the table of the protocol must not be its own judge. */
const expected: Record<string, readonly ChannelName[]> = {
  ADMIN: all,
  SUB_ADMIN: all,
  FLEET_MGR: ['own fleet', ...inOwnFleet],
  SUB_FLEET_MGR: ['own fleet', ...inOwnFleet],
  FLEET_USER: ['own fleet'],
  REG_OWNER: own,
  ONBOARDING: [],
  UNIT_TESTER: [],
  admin: [],
  SUPERUSER: [],
  __proto__x: [],
};

async function answers(server: TestServer, client: TestClient): Promise<ChannelName[]> {
  const granted: ChannelName[] = [];
  for (const name of all) {
    const channel = channels[name];
    const { type, payload } = await ask(client, 'SUBSCRIBE', channel);
    if (type === 'SUBSCRIBED') {
      expect(payload).toEqual(channel);
      granted.push(name);
    } else {
      const message = `Not authorized to subscribe to this ${channel.channel}`;
      expect({ type, payload }).toEqual({ type: 'ERROR', payload: { message } });
    }
    expect((await ask(client, 'UNSUBSCRIBE', channel)).type).toBe('UNSUBSCRIBED');
  }
  expect(server.gateway.mount.stats().rooms).toBe(0);
  return granted;
}

describe('who may subscribe to what', () => {
  it.each(Object.entries(expected))('%s: %j', async (role, granted) => {
    const server = await startGateway();
    const client = await server.member({ ...claims, role });
    expect(await answers(server, client)).toEqual(granted);
  });

  it('is written down for every role', () => {
    expect(Object.keys(expected)).toEqual(expect.arrayContaining([...roles]));
  });

  it.each(roles.map((role) => [role, accessMatrix[role]] as const))(
    '%s is granted what the table says: %j',
    async (role, grant) => {
      const fleets: Record<typeof grant.fleet, readonly ChannelName[]> = {
        any: ['own fleet', 'other fleet'],
        own: ['own fleet'],
        none: [],
      };
      const regulators: Record<typeof grant.regulator, readonly ChannelName[]> = {
        any: allRegulators,
        'own-fleet': inOwnFleet,
        owned: own,
        none: [],
      };
      const server = await startGateway();
      const client = await server.member({ ...claims, role: role satisfies Role });
      expect(await answers(server, client)).toEqual([...fleets[grant.fleet], ...regulators[grant.regulator]]);
    },
  );
});

describe('who has no fleet', () => {
  it.each(['FLEET_MGR', 'SUB_FLEET_MGR', 'FLEET_USER'])('%s may subscribe to nothing', async (role) => {
    const server = await startGateway();
    expect(await answers(server, await server.member({ role, fleetId: null }))).toEqual([]);
  });
});

describe('without a directory', () => {
  it.each([
    ['ADMIN', all],
    ['FLEET_MGR', ['own fleet']],
    ['FLEET_USER', ['own fleet']],
    ['REG_OWNER', own],
  ] as const)('only the claims of %s count', async (role, granted) => {
    const server = await startGateway({ fleetOf: undefined });
    expect(await answers(server, await server.member({ ...claims, role }))).toEqual(granted);
  });
});

describe('a directory that fails', () => {
  const failing = {
    'by throwing': () => {
      throw new Error('down');
    },
    'by rejecting': () => Promise.reject(new Error('down')),
    'by knowing nothing': () => Promise.resolve(undefined),
  };

  it.each(Object.entries(failing))('%s denies managers, and nobody else', async (_how, fleetOf) => {
    const server = await startGateway({ fleetOf });
    expect(await answers(server, await server.member({ ...claims, role: 'FLEET_MGR' }))).toEqual(['own fleet']);
    expect(await answers(server, await server.member({ ...claims, role: 'REG_OWNER' }))).toEqual(own);
    expect(await answers(server, await server.member({ ...claims, role: 'ADMIN' }))).toEqual(all);
    expect(server.gateway.mount.stats().failures).toBe(0);
  });
});
