import { ManualClock, turns } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { type Answers, type AskOptions, Cluster, RoomcastError, silentLogger } from '../src/index.js';
import { type TestCluster, testCluster } from './support/clusters.js';

async function three() {
  const test = testCluster();
  const clusters = [await test.join('a'), await test.join('b'), await test.join('c')] as const;
  await turns(10);
  return { test, clusters };
}

/** Asks, and lets so much time pass. */
async function ask(
  { clock }: TestCluster,
  asker: Cluster,
  question: unknown,
  options: AskOptions<unknown> = {},
  afterMs = 0,
): Promise<Answers<unknown> | undefined> {
  let got: Answers<unknown> | undefined;
  void asker.ask('sum', question, options).then((answers) => {
    got = answers;
  });
  await turns(10);
  await clock.advance(afterMs);
  return got;
}

const plain = (got: Answers<unknown> | undefined) =>
  got && { answers: Object.fromEntries(got.answers), missing: Object.fromEntries(got.missing) };

describe('a question', () => {
  it('is answered by every member, the asking one too, each once and with who asks', async () => {
    const { test, clusters } = await three();
    const heard: string[] = [];
    for (const cluster of clusters) {
      const { instance } = cluster.options;
      cluster.answer('sum', async (numbers, from) => {
        heard.push(`${instance} from ${from}`);
        await turns(1);
        return (numbers as number[]).reduce((one, other) => one + other, instance.charCodeAt(0));
      });
    }
    expect(plain(await ask(test, clusters[0], [1, 2]))).toEqual({ answers: { a: 100, b: 101, c: 102 }, missing: {} });
    expect(heard.sort()).toEqual(['a from a', 'b from a', 'c from a']);
    // The members' signs of life, and no deadline.
    expect(test.clock.pending).toBe(3);
  });

  it('goes to some alone where it says so, and its answers to the asking one alone', async () => {
    const { test, clusters } = await three();
    for (const cluster of clusters) cluster.answer('sum', () => cluster.options.instance);
    const sent: string[] = [];
    test.fate = ({ text, to }) => {
      sent.push(`${JSON.parse(text).kind} to ${to}`);
      return 'deliver';
    };
    expect(plain(await ask(test, clusters[0], 0, { of: ['b'] }))).toEqual({ answers: { b: 'b' }, missing: {} });
    expect(sent).toEqual(['ask to b', 'answer to a']);
    expect(plain(await ask(test, clusters[0], 0, { of: [] }))).toEqual({ answers: {}, missing: {} });
    expect(plain(await ask(test, clusters[0], 0, { of: ['a'] }))?.answers).toEqual({ a: 'a' });
    expect(plain(await ask(test, clusters[0], 0, { of: ['stranger'] }))?.missing).toEqual({ stranger: 'gone' });
  });

  it('waits for an instance that is silent so long and no longer, and names it', async () => {
    const { test, clusters } = await three();
    for (const cluster of clusters) cluster.answer('sum', () => 1);
    test.fate = ({ text, to }) => (to === 'c' && text.includes('"ask"') ? 'drop' : 'deliver');
    expect(await ask(test, clusters[0], 0, {}, 1999)).toBeUndefined();
    const asked = ask(test, clusters[0], 0, { timeoutMs: 300 }, 300);
    expect(plain(await asked)).toEqual({ answers: { a: 1, b: 1 }, missing: { c: 'no answer' } });
  });

  it('is over when its time is: what comes or happens later changes nothing', async () => {
    const { test, clusters } = await three();
    const [a, b, c] = clusters;
    let finish = (_value: unknown) => {};
    for (const cluster of [b, c])
      cluster.answer(
        'sum',
        () =>
          new Promise((resolve) => {
            finish = resolve;
          }),
      );
    const got = await ask(test, a, 0, { of: ['b', 'c'] }, 2000);
    const expected = { answers: {}, missing: { b: 'no answer', c: 'no answer' } };
    expect(plain(got)).toEqual(expected);
    finish(5);
    await turns(5);
    await b.close();
    await turns(5);
    await a.close();
    expect(plain(got)).toEqual(expected);
  });

  it('takes one answer of each that was asked, and none of others', async () => {
    const { test, clusters } = await three();
    const [a, b] = clusters;
    let id = '';
    test.fate = ({ text }) => {
      if (text.includes('"ask"')) ({ id } = JSON.parse(text) as { id: string });
      return 'deliver';
    };
    b.answer('sum', () => 1);
    const asked = a.ask('sum', 0, { of: ['b', 'c'] });
    clusters[2].answer('sum', () => new Promise(() => {}));
    await turns(5);
    const stranger = test.broker.connect('stranger');
    for (const [from, value] of [
      ['b', 2],
      ['x', 3],
    ] as const) {
      await stranger.publish('roomcast.$cluster.a', JSON.stringify({ version: 1, from, kind: 'answer', id, value }));
    }
    await turns(3);
    await test.clock.advance(2000);
    expect(plain(await asked)).toEqual({ answers: { b: 1 }, missing: { c: 'no answer' } });
  });

  it('says why an instance gave no answer', async () => {
    const { test, clusters } = await three();
    const [a, b, c] = clusters;
    a.answer('sum', () => 'not a number');
    b.answer('sum', () => {
      throw new Error('broken');
    });
    const parse = (value: unknown) => (typeof value === 'number' ? value : undefined);
    expect(plain(await ask(test, a, 0, { parse }))?.missing).toEqual({
      a: 'not understood',
      b: 'failed',
      c: 'unknown question',
    });
    expect(test.logger.lines).toMatchObject([{ level: 'error', message: 'answering "sum" failed' }]);
    c.answer('sum', () => 'x'.repeat(300_000));
    expect(plain(await ask(test, a, 0, { of: ['c'] }))?.missing).toEqual({ c: 'too large' });
    test.bus('a').setStatus('down');
    expect(plain(await ask(test, a, 0))?.missing).toEqual({ b: 'bus down', c: 'bus down' });
  });

  it('is not waited for from an instance that goes, nor after the own one has closed', async () => {
    const { test, clusters } = await three();
    const [a, b, c] = clusters;
    for (const cluster of [b, c]) cluster.answer('sum', () => new Promise(() => {}));
    const asked = a.ask('sum', 0);
    const ofOne = a.ask('sum', 0, { of: ['b'] });
    await turns(5);
    await b.close();
    expect([...(await ofOne).missing]).toEqual([['b', 'gone']]);
    await a.close();
    const { missing } = await asked;
    expect(Object.fromEntries(missing)).toEqual({ a: 'unknown question', b: 'gone', c: 'gone' });
    expect(test.clock.pending).toBe(1);
  });

  it('must fit into a message, and have one that answers it', async () => {
    const { clusters } = await three();
    const [a] = clusters;
    expect(() => a.ask('sum', 'x'.repeat(300_000))).toThrow(RoomcastError);
    expect(() => a.tell('sum', 'x'.repeat(300_000))).toThrow(RoomcastError);
    const stop = a.answer('sum', () => 1);
    expect(() => a.answer('sum', () => 2)).toThrow('"sum" is answered already');
    stop();
    a.answer('sum', () => 2);
    stop();
    expect((await a.ask('sum', 0, { of: ['a'] })).answers.get('a')).toBe(2);
  });

  it('is answered by the only instance where there is no bus, null standing for nothing', async () => {
    const clock = new ManualClock();
    const alone = new Cluster({ instance: 'a', bus: undefined, clock, logger: silentLogger });
    alone.answer('nothing', () => {});
    expect([...(await alone.ask('nothing', 0)).answers]).toEqual([['a', null]]);
    expect(clock.pending).toBe(0);
  });

  it('is none that a stranger could make up an answer to', async () => {
    const { test, clusters } = await three();
    const [a] = clusters;
    a.answer('sum', () => 1);
    const stranger = test.broker.connect('stranger');
    const inbox = 'roomcast.$cluster.a';
    for (const text of [
      '{"version":1,"from":"x","kind":"answer"}',
      '{"version":1,"from":"x","kind":"ask","id":"1"}',
      '{"version":1,"from":"x","kind":"no-answer","id":"1"}',
      '{"version":1,"from":"x","kind":"tell"}',
      '{"version":1,"from":"x","kind":"full","share":"s","revision":1,"part":2,"parts":2,"entries":[]}',
      '{"version":1,"from":"x","kind":"full","share":"s","revision":1,"part":0,"parts":99999,"entries":[]}',
    ]) {
      await stranger.publish(inbox, text);
    }
    await turns(3);
    expect(a.ignored).toBe(6);
    await stranger.publish(inbox, '{"version":1,"from":"b","kind":"answer","id":"unknown","value":1}');
    await turns(3);
    expect(plain(await ask(test, a, 0, { of: ['a'] }))?.answers).toEqual({ a: 1 });
  });
});

describe('something told', () => {
  it('has the others’ handlers run, or one’s, and nobody wait', async () => {
    const { test, clusters } = await three();
    const heard: string[] = [];
    for (const cluster of clusters) {
      cluster.answer('news', (value, from) => heard.push(`${cluster.options.instance}: ${value} from ${from}`));
    }
    clusters[0].tell('news', 'hello');
    clusters[0].tell('news', 'psst', 'c');
    await turns(5);
    expect(heard.sort()).toEqual(['b: hello from a', 'c: hello from a', 'c: psst from a']);
    expect(test.logger.lines).toEqual([]);
  });
});

describe('members', () => {
  it('are told of as they come and go', async () => {
    const test = testCluster();
    const a = await test.join('a');
    const heard: string[] = [];
    const listener = {
      reachable: () => heard.push('reachable'),
      joined: (id: string) => heard.push(`${id} joined`),
      gone: (id: string) => heard.push(`${id} gone`),
    };
    const stop = a.onMembers(listener);
    const startedAt = a.members.changedAt;
    await test.clock.advance(1000);
    const b = await test.join('b');
    await turns(5);
    expect(a.members.changedAt).toBe(startedAt + 1000);
    await test.clock.advance(1000);
    await b.close();
    await turns(5);
    test.bus('a').setStatus('down');
    expect(heard).toEqual(['b joined', 'b gone']);
    test.bus('a').setStatus('up');
    expect(heard.splice(2)).toEqual(['reachable']);
    expect(a.members.changedAt).toBe(startedAt + 2000);
    stop();
    await test.join('c');
    await turns(5);
    expect(heard).toHaveLength(2);
  });
});
