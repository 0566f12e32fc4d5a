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

/** One scenario takes three or four processes through all faults; the time is what starting them on one core takes. */
const timeoutMs = 240_000;

const exact = { missing: 0, twice: 0, late: 0 };

/** Takes three instances of a server through everything that can happen between them. */
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
      await site.start({ A: direct(), B: direct(), C: { [kind.variable]: `${scheme}://127.0.0.1:${proxy.port}` } });
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
    async function calm(title: string): Promise<void> {
      await site.ready();
      site.begin();
      await site.publish(10);
      await site.heardAll();
      check(title, { accepted: 10, unsure: 0, heard: 10, ...exact });
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

    it('brings every event to everybody, once and in order', async () => {
      await site.publish(40);
      await site.heardAll();
      check('all is well', { accepted: 40, unsure: 0, heard: 40, ...exact });
    });

    it('loses nothing that was accepted when an instance crashes, and takes in another', async () => {
      site.begin();
      const publishing = site.publish(60);
      await eventually(() => site.ledger.accepted('B') >= 10, 'B to be busy', timeoutMs);
      await site.kill('B');
      await publishing;
      await site.heardAll(site.names, ['A', 'B', 'C']);
      check('B crashed', exact, ['A', 'B', 'C']);
      await site.start({ D: direct() });
      await calm('D instead of B');
    });

    it('says so while the broker stands still, and goes on when it goes on', async () => {
      site.begin();
      void broker.program.pause();
      try {
        await site.publish(2);
      } finally {
        broker.program.resume();
      }
      await site.ready();
      await accountedFor('the broker stood still');
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
      site.begin();
      const before = await site.instance('C').missed();
      proxy.hold();
      await site.publish(10, ['A', 'D']);
      await site.heardAll(['A', 'D'], ['A', 'D']);
      await site.notReady('C');
      proxy.release();
      await site.ready(['C']);
      const missed = async () => (await site.instance('C').missed()) >= before + 20;
      await eventually(missed, 'C to know what it missed', timeoutMs);
      await accountedFor('C was cut off', ['A', 'D']);
      await calm('C is back');
    });

    it('loses nothing on a slow way', async () => {
      site.begin();
      const stop = hesitate(proxy);
      await site.publish(20, ['A', 'D']);
      await site.heardAll(site.names, ['A', 'D']);
      stop();
      check('C hears slowly', { accepted: 20, heard: 20, ...exact }, ['A', 'D']);
      await calm('the way is fast again');
    });
  });
}

/** Has a way stand still for 80 of every 100 milliseconds, until what it returns is called. */
function hesitate(proxy: TcpProxy): () => void {
  let release: NodeJS.Timeout;
  const hold = setInterval(() => {
    proxy.hold();
    release = setTimeout(() => proxy.release(), 80);
  }, 100);
  return () => {
    clearInterval(hold);
    clearTimeout(release);
    proxy.release();
  };
}
