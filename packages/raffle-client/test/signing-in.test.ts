import { eventually, turns } from '@roomcast/testing';
import { expect, it } from 'vitest';
import { ClientClosedError } from '../src/index.js';
import { connect, startServer, whole } from './support/client.js';

const alerts = { event_type: 'system_alert' } as const;

it('makes a connection without a user theirs', async () => {
  const server = await startServer();
  const { client } = connect(server.url);
  client.setSubscriptions([alerts]);
  const session = await server.connection(1, 'subscribe');
  client.authenticate(() => Promise.resolve('alice'));
  await server.connection(1, 'auth');
  expect(session.types).toEqual(['subscribe', 'auth']);
  session.socket.terminate();
  expect((await server.connection(2, 'ping')).types).toEqual(['auth', 'subscribe', 'ping']);
});

it('renews a token on the connection there is', async () => {
  const server = await startServer();
  const { client } = connect(server.url, { token: 'first' });
  await eventually(() => client.state === 'open');
  client.authenticate('second');
  await eventually(() => server.session.tokens.length === 2);
  expect(server.sessions.map(({ tokens }) => tokens)).toEqual([['first', 'second']]);
});

it('mends a connection that failed for want of a good token', async () => {
  const server = await startServer();
  server.refuseToken = (token) => (token === 'bad' ? 'Invalid token' : undefined);
  const { client, changes } = connect(server.url, { token: 'bad' });
  client.setSubscriptions([alerts]);
  await eventually(() => client.state === 'failed');
  client.authenticate('good');
  const session = await server.connection(2, 'ping');
  expect([session.tokens, session.lists]).toEqual([['good'], [[whole(alerts)]]]);
  await eventually(() => client.state === 'open');
  expect(changes.slice(-3).map(({ previous, state }) => `${previous} ${state}`)).toEqual([
    'failed connecting',
    'connecting authenticating',
    'authenticating open',
  ]);
});

it('with a bad token fails a connection that was public', async () => {
  const server = await startServer();
  server.refuseToken = () => 'Invalid token';
  const { client, errors } = connect(server.url);
  await eventually(() => client.state === 'open');
  client.authenticate('bad');
  await eventually(() => client.state === 'failed');
  expect(errors.at(-1)).toMatchObject({ name: 'CredentialsRefusedError' });
});

it.each(['at once', 'while the token is fetched', 'while connecting', 'while waiting'])('counts %s', async (when) => {
  const server = await startServer();
  if (when === 'while waiting') server.refuseWith = 503;
  let give: (token: string) => void = () => {};
  const token = () =>
    new Promise<string>((resolve) => {
      give = resolve;
    });
  const slow = { baseMs: 60_000, capMs: 60_000, random: () => 0.9 };
  const { client } = connect(server.url, { ...slow, token: when === 'while the token is fetched' ? token : 'before' });
  if (when === 'while the token is fetched') await turns(2);
  if (when === 'while connecting') await Promise.resolve();
  if (when === 'while waiting') await eventually(() => client.state === 'waiting');
  expect(client.state).toBe(when === 'at once' ? 'idle' : when === 'while waiting' ? 'waiting' : 'connecting');
  server.refuseWith = undefined;
  client.authenticate('after');
  give('too late');
  await eventually(() => client.state === 'open');
  expect(server.live.map(({ tokens }) => tokens)).toEqual([['after']]);
  expect(server.sessions.flatMap(({ tokens }) => tokens)).toEqual(['after']);
});

it('counts from the last time, whichever token comes last', async () => {
  const server = await startServer();
  const { client } = connect(server.url);
  await client.ready;
  let give: (token: string) => void = () => {};
  client.authenticate(
    () =>
      new Promise<string>((resolve) => {
        give = resolve;
      }),
  );
  client.authenticate('after');
  await server.connection(1, 'auth');
  give('too late');
  await turns(5);
  server.session.socket.terminate();
  await server.connection(2, 'ping');
  expect(new Set(server.sessions.flatMap(({ tokens }) => tokens))).toEqual(new Set(['after']));
});

it('tells of a provider that fails, and stays connected', async () => {
  const server = await startServer();
  const { client, errors } = connect(server.url);
  await eventually(() => client.state === 'open');
  client.authenticate(() => Promise.reject(new Error('no session')));
  await eventually(() => errors.length === 1);
  expect(errors[0]?.cause).toEqual(new Error('no session'));
  expect(client.state).toBe('open');
});

it('out leaves the connection for a public one, from which somebody else can sign in', async () => {
  const server = await startServer();
  const { client, errors, changes } = connect(server.url, { token: 'alice' });
  client.setSubscriptions([alerts]);
  await eventually(() => client.state === 'open');
  client.signOut();
  const second = await server.connection(2, 'subscribe');
  expect(second.types).toEqual(['subscribe']);
  await eventually(() => server.sessions[0]?.closedWith === 1000 && client.state === 'open');
  expect(changes.map(({ state }) => state)).toEqual([
    'connecting',
    'authenticating',
    'open',
    'connecting',
    'authenticating',
    'open',
  ]);
  client.authenticate('bob');
  await server.connection(2, 'auth');
  expect(second.tokens).toEqual(['bob']);
  client.signOut();
  client.authenticate('carol');
  const third = await server.connection(3, 'ping');
  expect(third.tokens).toEqual(['carol']);
  await eventually(() => server.live.length === 1);
  expect(errors).toEqual([]);
});

it('out where nobody is signed in changes nothing', async () => {
  const server = await startServer();
  const { client, changes } = connect(server.url);
  await eventually(() => client.state === 'open');
  client.signOut();
  await turns(3);
  expect([server.sessions.length, changes.length]).toEqual([1, 3]);
});

it('by a provider that has no token any more is signing out', async () => {
  const server = await startServer();
  const { client } = connect(server.url, { token: 'alice' });
  await eventually(() => client.state === 'open');
  client.authenticate(() => null);
  await server.connection(2);
  await eventually(() => client.state === 'open');
  expect(server.session.types).toEqual([]);
});

it('is too late for a closed client', async () => {
  const server = await startServer();
  const { client } = connect(server.url);
  await client.close();
  for (const late of [() => client.authenticate('alice'), () => client.signOut(), () => client.connect()]) {
    expect(late).toThrow(ClientClosedError);
  }
});
