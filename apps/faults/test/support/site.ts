import { eventually } from '@roomcast/testing';
import { Instance } from './instance.js';
import { Ledger, type Row, table } from './ledger.js';
import type { Listener, Wire } from './wire.js';

/** How long anything may take to be as it should again, in milliseconds. The bus notices an outage within 30 s. */
const withinMs = 60_000;

interface Member {
  readonly instance: Instance;
  readonly listener: Listener;
}

/** Several instances of one server with a listener on each, and a ledger of what goes between them. */
export class Site {
  readonly #members = new Map<string, Member>();
  #next = 1;
  ledger = new Ledger(1);

  constructor(readonly wire: Wire) {}

  /** The instances that run. */
  get names(): string[] {
    return [...this.#members.keys()];
  }

  /** Starts an instance for each name, with the URL of the bus as that one is to know it. */
  async start(buses: Readonly<Record<string, Readonly<Record<string, string>>>>): Promise<void> {
    await Promise.all(
      Object.entries(buses).map(async ([name, bus]) => {
        const instance = await Instance.start(name, this.wire.name, { ...this.wire.env, ...bus });
        try {
          await eventually(() => instance.isReady(), `${name} to be ready`, withinMs);
          const listener = await this.wire.listen(instance, (mark) => this.ledger.heard(name, mark));
          this.#members.set(name, { instance, listener });
        } catch (error) {
          await instance.kill();
          throw error;
        }
      }),
    );
  }

  instance(name: string): Instance {
    const member = this.#members.get(name);
    if (member === undefined) throw new Error(`no instance ${name}`);
    return member.instance;
  }

  /** Begins a new account. */
  begin(): void {
    this.ledger = new Ledger(this.#next);
  }

  /** Publishes so many events on each of the instances, one after the other on each, all at the same time. */
  async publish(count: number, names: readonly string[] = this.names): Promise<void> {
    const first = this.#next;
    this.#next += count;
    const { ledger } = this;
    await Promise.all(
      names.map(async (publisher) => {
        const { instance } = this.#members.get(publisher) as Member;
        for (let n = first; n < first + count; n++) {
          const mark = { publisher, n };
          ledger.published(mark, await instance.publish(this.wire.event(mark)));
        }
      }),
    );
  }

  /**
   * Publishes so many events on each instance, each with a key; and after `between`, until all is spread, once more what
   * was not accepted.
   */
  async publishUntilSpread(count: number, between: () => Promise<void>): Promise<void> {
    const first = this.#next;
    this.#next += count;
    const requests = this.names.flatMap((publisher) =>
      Array.from({ length: count }, (_, index) => {
        const mark = { publisher, n: first + index };
        return { mark, event: this.wire.event(mark), key: `${publisher}-${mark.n}` };
      }),
    );
    const { ledger } = this;
    const publish = async () => {
      await Promise.all(
        this.names.map(async (name) => {
          const own = requests.filter(({ mark }) => mark.publisher === name && !ledger.isAccepted(mark));
          for (const { mark, event, key } of own) ledger.published(mark, await this.instance(name).publish(event, key));
        }),
      );
      return requests.every(({ mark }) => ledger.isAccepted(mark));
    };
    await publish();
    await between();
    await eventually(publish, 'everything to be spread', withinMs);
  }

  /** Waits until everybody has heard everything that was accepted. */
  async heardAll(listeners: readonly string[] = this.names, publishers: readonly string[] = this.names): Promise<void> {
    const rows = () => this.ledger.rows(listeners, publishers);
    const complete = () => rows().every(({ missing }) => missing === 0);
    await eventually(complete, 'everything to be heard', withinMs).catch((error: unknown) => {
      throw new Error(table(String(error), rows()));
    });
  }

  /** The account between the instances that run, and the same as text. */
  account(title: string, publishers: readonly string[] = this.names): { rows: Row[]; text: string } {
    const rows = this.ledger.rows(this.names, publishers);
    return { rows, text: table(`${this.wire.name}: ${title}`, rows) };
  }

  async ready(names: readonly string[] = this.names): Promise<void> {
    for (const name of names) await eventually(() => this.instance(name).isReady(), `${name} to be ready`, withinMs);
  }

  async notReady(name: string): Promise<void> {
    await eventually(async () => !(await this.instance(name).isReady()), `${name} not to be ready`, withinMs);
  }

  /** Ends an instance as a crash does. */
  async kill(name: string): Promise<void> {
    const member = this.#members.get(name) as Member;
    this.#members.delete(name);
    await member.instance.kill();
    await member.listener.close();
  }

  async close(): Promise<void> {
    await Promise.all(this.names.map((name) => this.kill(name)));
  }
}
