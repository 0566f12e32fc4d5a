import { eventually } from '@roomcast/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { brief, type Member, start, startCluster, stopAll, type TestServer } from './support/server.js';

afterEach(stopAll);

const letter = (to: Member, more: object = {}) => ({
  type: 'message',
  to: to.connection,
  data: { text: 'psst' },
  ...more,
});

async function arrives(to: Member, from: Member, more: { type?: string; room?: string } = {}): Promise<void> {
  await from.told();
  await to.told();
  const answer = await from.ask(letter(to, more), 'l-1');
  expect(answer).toMatchObject({ type: 'system', data: { action: more.type ?? 'message', ok: true } });
  const [frame, ...others] = await to.told();
  expect(frame).toMatchObject({ ...letter(to, more), from: from.connection, id: 'l-1' });
  expect([others, await from.told()]).toEqual([[], []]);
}

async function isRefused(to: Member, from: Member, more: object = {}, code = 'unknown_recipient'): Promise<void> {
  expect(await from.ask(letter(to, more), 'l-2')).toMatchObject({ type: 'error', data: { code } });
  expect(brief(await to.told()).filter(([type]) => type === 'message')).toEqual([]);
}

describe.each([
  ['one instance', [0, 0, 0]],
  ['several instances', [0, 1, 2]],
])('a message to one connection, on %s', (_, places) => {
  async function connect(...claims: { user_id: string; groups?: string[] }[]): Promise<Member[]> {
    const { servers } = await startCluster(Math.max(...places) + 1);
    return Promise.all(claims.map((one, index) => (servers[places[index] ?? 0] as TestServer).member(one)));
  }

  it('reaches it and nobody else, where both share a group', async () => {
    const [ada, bob, eve] = (await connect(
      { user_id: 'ada', groups: ['g'] },
      { user_id: 'bob', groups: ['g'] },
      { user_id: 'eve', groups: ['g'] },
    )) as [Member, Member, Member];
    await eve.told();
    await arrives(bob, ada);
    await arrives(ada, bob, { type: 'custom_event' });
    expect(brief(await eve.told()).filter(([type]) => type === 'message')).toEqual([]);
  });

  it('reaches another tab of the same user', async () => {
    const [ada, tab] = (await connect({ user_id: 'ada' }, { user_id: 'ada' })) as [Member, Member];
    await arrives(tab, ada);
  });

  it('is refused where it is a stranger’s, whether there is one or not', async () => {
    const [ada, bob] = (await connect({ user_id: 'ada', groups: ['a'] }, { user_id: 'bob', groups: ['b'] })) as [
      Member,
      Member,
    ];
    await isRefused(bob, ada);
    expect((await ada.ask({ type: 'message', to: 'nobody', data: 1 })).data).toEqual((await ada.ask(letter(bob))).data);
    await bob.join('lobby');
    await isRefused(bob, ada);
    await ada.join('lobby');
    await arrives(bob, ada);
  });

  it('with a room too is for one who is in that room', async () => {
    const [ada, bob] = (await connect({ user_id: 'ada', groups: ['g'] }, { user_id: 'bob', groups: ['g'] })) as [
      Member,
      Member,
    ];
    await arrives(bob, ada, { room: 'group:g' });
    await isRefused(bob, ada, { room: 'lobby' }, 'not_in_room');
    await ada.join('lobby');
    await isRefused(bob, ada, { room: 'lobby' });
    await bob.join('lobby');
    await arrives(bob, ada, { room: 'lobby' });
  });

  it('is refused once it has gone', async () => {
    const [ada, bob] = (await connect({ user_id: 'ada', groups: ['g'] }, { user_id: 'bob', groups: ['g'] })) as [
      Member,
      Member,
    ];
    await bob.client.close();
    await ada.next(({ type }) => type === 'room_left');
    expect(await ada.codeOf(letter(bob))).toBe('unknown_recipient');
  });
});

describe('a message to one connection', () => {
  it('of one’s own comes back, once', async () => {
    const server = await start();
    const ada = await server.member('ada');
    ada.send(letter(ada, { id: 'me' }));
    expect((await ada.told()).map(({ type, id }) => [type, id])).toEqual([['message', 'me']]);
  });

  it('that is on an instance which gives no answer is refused as unavailable', async () => {
    const { servers, clock } = await startCluster(2);
    const [one, two] = servers as [TestServer, TestServer];
    const ada = await one.member({ user_id: 'ada', groups: ['g'] });
    const bob = await two.member({ user_id: 'bob', groups: ['g'] });
    const eve = await one.member('eve');
    await two.engine.options.bus?.close();
    // A stranger on the same instance is known to be one: nobody else is asked.
    expect(await ada.codeOf(letter(eve))).toBe('unknown_recipient');
    const answer = ada.codeOf(letter(bob));
    let answered = false;
    void answer.then(() => {
      answered = true;
    });
    await eventually(async () => {
      await clock.advance(500);
      return answered;
    });
    expect(await answer).toBe('unavailable');
  });

  it('may be as large as a message to a room, on another instance too', async () => {
    const { servers } = await startCluster(2);
    const [one, two] = servers as [TestServer, TestServer];
    const [ada, tab] = [await one.member('ada'), await two.member('ada')];
    const text = '\u0001'.repeat(5000);
    expect(await ada.codeOf(letter(tab, { data: { text } }))).toBe('ok');
    expect((await tab.told()).map(({ data }) => data.text)).toContain(text);
  });
});
