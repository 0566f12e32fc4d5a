import { isPrivate, matches, privateEventTypes, roles, type Subscription } from '@roomcast/raffle-protocol';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { Audience } from '../src/audience.js';
import { SubscriptionIndex } from '../src/subscription-index.js';
import { someEvent, someId, someSubscription } from './support/arbitraries.js';
import { authenticate, event, events, startGateway, stopAll } from './support/server.js';
import { token } from './support/tokens.js';

afterEach(stopAll);

const someListener = fc.record({
  user: fc.option(fc.record({ id: someId, role: fc.constantFrom(...roles) })),
  expiresAt: fc.constantFrom(0, 999, 1000, 1001),
  subscriptions: fc.array(someSubscription, { maxLength: 5 }),
});

describe('private events', () => {
  it('reach their user and the staff, and of these who subscribed; other events whoever subscribed', () => {
    const now = 1000;
    const published = fc.oneof(someEvent(...privateEventTypes), someEvent());
    fc.assert(
      fc.property(fc.array(someListener), fc.array(published, { minLength: 1 }), (listeners, all) => {
        const index = new SubscriptionIndex<(typeof listeners)[number]>();
        const audience = new Audience(
          index,
          (userId) => new Set(listeners.filter(({ user }) => user !== null && user.id === userId)),
        );
        for (const listener of listeners) {
          index.add(listener, listener.subscriptions);
          if (listener.user?.role === 'Admin' || listener.user?.role === 'Operator') audience.staff.add(listener);
        }
        for (const one of all) {
          const expected = listeners.filter(({ user, expiresAt, subscriptions }) => {
            const wanted = subscriptions.some((subscription: Subscription) => matches(subscription, one));
            if (!isPrivate(one)) return wanted;
            const isStaff = user !== null && ['Admin', 'Operator'].includes(user.role);
            return wanted && expiresAt > now && (isStaff || user?.id === one.data.user_id);
          });
          expect(new Set(audience.of(one, now))).toEqual(new Set(expected));
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([...privateEventTypes])('%s reaches only whom it may, whatever they subscribed to', async (type) => {
    const server = await startGateway();
    const everything = [{ event_type: 'all' }];
    const clients = {
      owner: await server.subscribed(everything, { sub: 'buyer' }),
      ownerByFilter: await server.subscribed([{ event_type: type, user_id: 'buyer' }], { sub: 'buyer' }),
      ownerOfOthers: await server.subscribed([{ event_type: type, user_id: 'somebody' }], { sub: 'buyer' }),
      anonymous: await server.subscribed(everything),
      anonymousByFilter: await server.subscribed([{ event_type: type, user_id: 'buyer' }]),
      another: await server.subscribed([...everything, { event_type: type, user_id: 'buyer' }], { sub: 'another' }),
      seller: await server.subscribed([{ event_type: type }], { sub: 'seller', role: 'Seller' }),
      admin: await server.subscribed([{ event_type: type }], { sub: 'admin', role: 'Admin' }),
      operator: await server.subscribed(everything, { sub: 'operator', role: 'Operator' }),
      silentAdmin: await server.subscribed([{ event_type: 'box_purchased' }], { sub: 'admin', role: 'Admin' }),
    };
    for (const client of Object.values(clients)) await events(client);
    server.publish(event(type));
    const reached: string[] = [];
    for (const [name, client] of Object.entries(clients)) {
      const received = await events(client);
      if (received.length > 0) reached.push(name);
      expect(received.length).toBeLessThanOrEqual(1);
    }
    expect(reached).toEqual(['owner', 'ownerByFilter', 'admin', 'operator']);
  });

  it('wait for nobody: who authenticates later does not get them', async () => {
    const server = await startGateway();
    server.publish(event('credits_issued'));
    const client = await server.subscribed([{ event_type: 'credits_issued' }], { sub: 'buyer' });
    expect(await events(client)).toEqual([]);
  });

  it('reach a user who subscribed before authenticating', async () => {
    const server = await startGateway();
    const client = await server.subscribed([{ event_type: 'credits_issued' }]);
    server.publish(event('credits_issued'));
    expect(await events(client)).toEqual([]);
    await authenticate(client, await token({ sub: 'buyer' }));
    server.publish(event('credits_issued'));
    expect(await events(client)).toEqual(['credits_issued']);
  });

  it('end with the token, even before the connection does', async () => {
    const server = await startGateway({}, { sweepIntervalMs: 100_000_000 });
    const client = await server.subscribed([{ event_type: 'credits_issued' }], { sub: 'buyer' });
    await server.clock.advance(3_630_000);
    server.publish(event('credits_issued'));
    expect(await events(client)).toEqual([]);
  });
});
