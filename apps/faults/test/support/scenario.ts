import { eventually, type RunningBroker, TcpProxy } from '@roomcast/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Row } from './ledger.js';
import { Site } from './site.js';
import type { Wire } from './wire.js';

/** A broker to run instances over, and the variable that names it to them. */
export interface BrokerKind {
  readonly name: string;
  readonly variable: 'REDIS_URL' | 'NATS_URL';
  start(): Promise<RunningBroker>;
}

/** One test starts one process at most, and waits for what has to be noticed: on a busy core that takes its time. */
const timeoutMs = 240_000;

const exact = { missing: 0, twice: 0, late: 0 };

/** Takes two and then three instances of a server, each its own process, through everything that can happen between them. */
export function scenario(wire: Wire, kind: BrokerKind): void {
  describe(`${wire.name} over ${kind.name}`, { timeout: timeoutMs }, () => {
    let broker: RunningBroker;
    let proxy: TcpProxy;
    const site = new Site(wire);

    const direct = () => ({ [kind.variable]: broker.url });

    beforeAll(async () => {
      broker = await kind.start();
      proxy = await TcpProxy.to(broker.port);
      const [scheme] = broker.url.split(':');
      await site.start({ A: direct(), C: { [kind.variable]: `${scheme}://127.0.0.1:${proxy.port}` } });
    }, timeoutMs);

    afterAll(async () => {
      await site.close();
      await proxy?.close();
      await broker?.close();
    }, timeoutMs);

    /** Prints the account and holds every row to what it must be. */
    function check(title: string, expected: Partial<Row>, publishers?: readonly string[]): void {
      const { rows, text } = site.account(title, publishers);
      console.log(`\n${text}`);
      for (const row of rows) expect(row, text).toMatchObject(expected);
    }

    /** All is as it was. */
    async function calm(title: string, count = 10): Promise<void> {
      await site.ready();
      site.begin();
      await site.publish(count);
      await site.heardAll();
      check(title, { accepted: count, unsure: 0, heard: count, ...exact });
    }

    /** What was lost while the bus was out of order came late, or is at least known to whoever missed it. */
    async function accountedFor(title: string, publishers: readonly string[] = site.names): Promise<void> {
      if (wire.repairs === true) {
        await site.heardAll(site.names, publishers);
        check(title, { missing: 0, twice: 0 }, publishers);
        return;
      }
      const { rows } = site.account(title, publishers);
      check(title, { twice: 0, late: 0 }, publishers);
      for (const name of site.names) {
        const missing = rows.filter(({ listener }) => listener === name).reduce((sum, row) => sum + row.missing, 0);
        const missed = async () => (await site.instance(name).missed()) >= missing;
        await eventually(missed, `${name} to know that it missed ${missing}`, timeoutMs);
      }
    }

    function faults(): void {
      it('says so while the broker stands still, and spreads afterwards what is published once more', async () => {
        site.begin();
        await broker.program.pause();
        const standStill = async () => {
          for (const name of site.names) {
            await site.notReady(name);
            expect([name, site.ledger.accepted(name)]).toEqual([name, 0]);
          }
          broker.program.resume();
          await site.ready();
        };
        await site.publishUntilSpread(2, standStill).finally(() => broker.program.resume());
        await site.heardAll();
        check('the broker stood still', { accepted: 2, unsure: 0, heard: 2, missing: 0, twice: 0 });
        await calm('the broker goes on');
      });

      it('finds a broker again that crashed', async () => {
        site.begin();
        const publishing = site.publish(60);
        await eventually(() => site.ledger.accepted('A') >= 10, 'A to be busy', timeoutMs);
        await broker.program.kill();
        for (const name of site.names) await site.notReady(name);
        await broker.program.start();
        await publishing;
        await site.ready();
        await accountedFor('the broker crashed');
        await calm('the broker is back');
      });

      it('knows what it missed when it alone was cut off', async () => {
        const others = site.names.filter((name) => name !== 'C');
        site.begin();
        const before = await site.instance('C').missed();
        proxy.hold();
        await site.publish(10, others);
        await site.heardAll(others, others);
        await site.notReady('C');
        proxy.release();
        await site.ready(['C']);
        const missed = async () => (await site.instance('C').missed()) >= before + 10 * others.length;
        await eventually(missed, 'C to know what it missed', timeoutMs);
        await accountedFor('C was cut off', others);
        await calm('C is back');
      });

      it('loses nothing while one instance stands still', async () => {
        const others = site.names.filter((name) => name !== 'C');
        site.begin();
        site.instance('C').process.kill('SIGSTOP');
        try {
          await site.publish(10, others);
          await site.heardAll(others, others);
        } finally {
          site.instance('C').process.kill('SIGCONT');
        }
        await site.heardAll(site.names, others);
        check('C stood still', { accepted: 10, unsure: 0, heard: 10, ...exact }, others);
        await calm('C goes on');
      });

      it('loses nothing on a slow way', async () => {
        site.begin();
        const stop = hesitate(proxy);
        await site.publish(20);
        await site.heardAll();
        stop();
        check('the way to C is slow', { accepted: 20, unsure: 0, heard: 20, ...exact });
        await calm('the way is fast again');
      });
    }

    describe('two instances', () => {
      it('bring every event to everybody, once and in order', () => calm('two instances', 40));
      faults();
    });

    describe('three instances', () => {
      it('bring every event to everybody, once and in order', async () => {
        await site.start({ B: direct() });
        await calm('three instances', 40);
      });

      it('lose nothing that was accepted when one crashes, and take in another', async () => {
        site.begin();
        const publishing = site.publish(60);
        await eventually(() => site.ledger.accepted('B') >= 10, 'B to be busy', timeoutMs);
        await site.kill('B');
        await publishing;
        await site.heardAll(site.names, ['A', 'B', 'C']);
        check('B crashed', exact, ['A', 'B', 'C']);
        await calm('two are left');
        await site.start({ D: direct() });
        await calm('D instead of B');
      });

      faults();
    });
  });
}

/** Has a way stand still for 80 of every 100 milliseconds, until what it returns is called. */
function hesitate(proxy: TcpProxy): () => void {
  let timer: NodeJS.Timeout;
  const hold = () => {
    proxy.hold();
    timer = setTimeout(release, 80);
  };
  const release = () => {
    proxy.release();
    timer = setTimeout(hold, 20);
  };
  hold();
  return () => {
    clearTimeout(timer);
    proxy.release();
  };
}
