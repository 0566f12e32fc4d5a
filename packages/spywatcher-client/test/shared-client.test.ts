import { eventually, turns } from '@roomcast/testing';
import { expect, it } from 'vitest';
import {
  ClientOptionsError,
  createSpywatcherClient,
  leaseSpywatcherClient,
  type SpywatcherClientOptions,
  spywatcherClient,
} from '../src/index.js';
import { hurried, observe, startServer } from './support/client.js';

it('the application has one client of a server, until it is closed', async () => {
  const server = await startServer();
  const options = { url: server.url, token: 'good' };
  const { client } = observe(spywatcherClient(options));
  expect(spywatcherClient({ ...options, url: server.url.replace('http', 'ws') })).toBe(client);
  await client.ready;
  expect(server.sessions).toHaveLength(1);
  const own = observe(createSpywatcherClient(options)).client;
  expect(own).not.toBe(client);
  const other = observe(spywatcherClient({ ...options, token: 'another user' })).client;
  expect(other).not.toBe(client);
  await client.close();
  const { client: next } = observe(spywatcherClient(options));
  expect(next).not.toBe(client);
  await next.ready;
  expect(spywatcherClient(options)).toBe(next);
});

it('a function as token is the one that was given last', async () => {
  const server = await startServer();
  const options = (token: string): SpywatcherClientOptions => ({ ...hurried, url: server.url, token: () => token });
  const { client } = observe(spywatcherClient(options('first')));
  await client.ready;
  expect(spywatcherClient(options('second'))).toBe(client);
  const lease = leaseSpywatcherClient(() => options('third'));
  server.session.cut();
  await server.connection(2);
  spywatcherClient(options('fourth'));
  server.session.cut();
  await server.connection(3);
  spywatcherClient(options('fifth'));
  lease.release();
  server.session.cut();
  await server.connection(4);
  expect(server.tokens).toEqual(['first', 'third', 'fourth', 'fifth']);
});

it('a client on lease is closed a moment after the last one has given it back', async () => {
  const server = await startServer();
  const current = () => ({ url: server.url, token: 'good' });
  const first = leaseSpywatcherClient(current);
  const second = leaseSpywatcherClient(current);
  expect(second.client).toBe(first.client);
  first.release();
  second.release();
  const third = leaseSpywatcherClient(current);
  expect(third.client).toBe(first.client);
  await turns(3);
  await third.client.ready;
  first.release();
  await turns(3);
  expect(third.client.state).toBe('open');
  third.release();
  await eventually(() => third.client.state === 'closed');
  await eventually(() => server.live.length === 0);
  expect(server.sessions).toHaveLength(1);
});

it('one that the application has asked for stays when leases end', async () => {
  const server = await startServer();
  const options = { url: server.url, token: 'good' };
  const lease = leaseSpywatcherClient(() => options);
  const { client } = observe(spywatcherClient(options));
  expect(client).toBe(lease.client);
  lease.release();
  await turns(3);
  await client.ready;
});

it('options that cannot be are refused', () => {
  expect(() => spywatcherClient({ url: 'nonsense' })).toThrow(ClientOptionsError);
  expect(() => spywatcherClient({ url: 'http://localhost', path: 'x' })).toThrow('option path');
});
