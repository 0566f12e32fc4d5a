import { eventually, startDemoServer } from '@roomcast/testing';
import { expect, test } from 'vitest';
import { connect, say } from './support/client.js';

test('the client and the reference server understand each other', async () => {
  const server = await startDemoServer('falcon');
  const [commander = '', , , outsider = ''] = server.identities;
  const join = (userId: string) => connect(server.url.replace('http', 'ws'), { token: () => server.token(userId) });
  const [ariel, dario] = [join(commander), join(outsider)];

  expect((await ariel.client.ready).userId).toBe(commander);
  await eventually(() => ariel.client.rooms.includes('group:fleet-commanders'), 'the assigned rooms');
  await Promise.all([ariel, dario].map(({ client }) => client.join('thread:welcome').joined));
  const heard = new Promise((resolve) => dario.client.onRoom('thread:welcome', ({ data }) => resolve(data)));
  await ariel.client.sendMessage(say('thread:welcome', 'Hello!'));
  expect(await heard).toMatchObject({ text: 'Hello!' });

  const refused = (sent: Promise<unknown>) => sent.then(String, ({ code }: { code?: string }) => code);
  const { client } = dario;
  expect(await refused(client.join('thread:fleet-op').joined)).toBe('forbidden_room');
  expect(await refused(client.sendMessage(say('thread:fleet-op', 'a')))).toBe('not_in_room');
  expect(await refused(client.updatePresence('away', { userId: commander }))).toBe('forbidden_user');
  expect(await refused(client.sendMessage(say('thread:welcome', 'x'.repeat(40_000))))).toBe('data_too_large');
  expect(await refused(client.sendMessage(say('thread:welcome', 'x'.repeat(70_000))))).toBe('data_too_large');
  const letter = { type: 'message', data: 'a' } as const;
  expect(await refused(client.sendMessage({ ...letter, to: 'a stranger' }))).toBe('unknown_recipient');
  expect(await refused(client.sendMessage(letter))).toBe('missing_target');
  expect(await refused(client.sendMessage({ type: 'nonsense' } as never))).toBe('unknown_type');
  const answer = await client.sendMessage({ ...letter, to: String(ariel.client.connectionId) });
  expect(answer).toMatchObject({ type: 'system', data: { action: 'message', ok: true } });

  client.followPresence(commander);
  await eventually(() => client.presence.get(commander)?.status === 'online', 'the presence');
  await ariel.client.updatePresence('away');
  await eventually(() => client.presence.get(commander)?.status === 'away', 'the change');

  const group = { user_id: outsider, group_id: 'scouts', group_name: 'Scouts' };
  await server.publish({ type: 'group_membership_change', data: { ...group, joined: true } });
  await eventually(() => client.rooms.includes('group:scouts'), 'the group');
  await server.publish({ type: 'group_membership_change', data: { ...group, joined: false } });
  await eventually(() => !client.rooms.includes('group:scouts'), 'the end of the membership');
  await server.publish({ type: 'notification', user_id: outsider, data: { message: 'Undock' } });
  await eventually(() =>
    dario.messages.some(({ type, room }) => type === 'notification' && room === `user:${outsider}`),
  );

  const sent = Array.from({ length: 60 }, (_, index) => client.sendMessage(say('thread:welcome', String(index))));
  await Promise.all(sent);
  expect(client.connectionState).toBe('connected');
  expect(ariel.errors).toEqual([]);
  expect(dario.changes.filter(({ state }) => state === 'open')).toHaveLength(1);
  await eventually(() => dario.gaps.length === 1);
});

test('a token that is none of the server is refused', async () => {
  const server = await startDemoServer('falcon');
  const { client } = connect(server.url.replace('http', 'ws'), { token: 'not a token' });
  await expect(client.ready).rejects.toMatchObject({ name: 'CredentialsRefusedError', cause: { status: 401 } });
  await eventually(() => client.connectionState === 'error');
});
