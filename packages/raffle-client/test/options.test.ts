import { expect, it } from 'vitest';
import { endpointOf } from '../src/endpoint.js';
import {
  ClientOptionsError,
  createRaffleClient,
  type RaffleClientOptions,
  raffleClientDefaults,
} from '../src/index.js';

it.each([
  ['ws://host:8080', 'ws://host:8080/ws'],
  ['ws://host:8080/', 'ws://host:8080/ws'],
  ['http://host/api/v1/ws', 'ws://host/api/v1/ws'],
  ['https://host/behind/a/proxy?key=1#part', 'wss://host/behind/a/proxy?key=1'],
])('%s leads to %s', (url, expected) => {
  expect(endpointOf(url)).toBe(expected);
});

it.each<[string, Partial<RaffleClientOptions>]>([
  ['url', { url: 'nonsense' }],
  ['url', { url: 'ftp://host' }],
  ['url', { url: 'ws://user:secret@host' }],
  ['maxSubscriptions', { maxSubscriptions: 1.5 }],
  ['maxSubscriptions', { maxSubscriptions: 0 }],
  ['baseMs', { baseMs: 10, capMs: 5 }],
  ['heartbeatIntervalMs', { heartbeatIntervalMs: -1 }],
])('a wrong %s is refused by name', (option, wrong) => {
  const attempt = () => createRaffleClient({ url: 'ws://localhost:1', ...wrong });
  expect(attempt).toThrow(ClientOptionsError);
  expect(attempt).toThrow(`option ${option}: expected`);
  expect(attempt).not.toThrow('secret');
});

it('the defaults are those of the protocol', () => {
  expect(raffleClientDefaults).toMatchObject({ heartbeatIntervalMs: 30_000, maxSubscriptions: 100 });
  expect(Object.isFrozen(raffleClientDefaults)).toBe(true);
});
