import type { Engine, Logger } from '@roomcast/engine';

/** Nothing when the part is ready, else why it is not. */
export type ReadinessCheck = () => string | undefined | Promise<string | undefined>;

/** `ok`, or why not, by part. */
export type ReadinessParts = Readonly<Record<string, string>>;

/** How long a check may take, in milliseconds. A probe of a load balancer waits no longer either. */
const timeoutMs = 2000;

/** Whether a server should get traffic: the bus is connected, nothing is draining, and every check of one's own passes. */
export class Readiness {
  readonly #checks: Readonly<Record<string, ReadinessCheck>>;
  #subscription: 'awaited' | 'standing' | 'refused' = 'awaited';

  constructor(
    readonly engine: Pick<Engine, 'stats' | 'ready'>,
    own: Readonly<Record<string, ReadinessCheck>>,
    readonly logger: Logger,
  ) {
    this.#subscribe();
    this.#checks = {
      bus: () => this.#bus(),
      draining: () => (engine.stats().draining ? 'shutting down' : undefined),
      ...own,
    };
  }

  async check(): Promise<{ ready: boolean; parts: ReadinessParts }> {
    const parts = await Promise.all(
      Object.entries(this.#checks).map(async ([name, check]) => [name, await this.#run(name, check)] as const),
    );
    const problems = parts.filter(([, problem]) => problem !== undefined);
    return {
      ready: problems.length === 0,
      parts: Object.fromEntries(parts.map(([name, problem]) => [name, problem ?? 'ok'])),
    };
  }

  #subscribe(): void {
    this.#subscription = 'awaited';
    this.engine.ready().then(
      () => {
        this.#subscription = 'standing';
      },
      (error: unknown) => {
        this.#subscription = 'refused';
        this.logger.error({ err: error }, 'the bus refuses what this instance needs');
      },
    );
  }

  #bus(): string | undefined {
    if (this.engine.stats().bus === 'down') return 'down';
    if (this.#subscription === 'standing') return undefined;
    if (this.#subscription === 'refused') this.#subscribe();
    return 'not subscribed yet';
  }

  async #run(name: string, check: ReadinessCheck): Promise<string | undefined> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, timeoutMs, 'no answer in time').unref();
    });
    try {
      return await Promise.race([check(), late]);
    } catch (error) {
      this.logger.error({ part: name, err: error }, 'a readiness check failed');
      return 'the check failed';
    } finally {
      clearTimeout(timer);
    }
  }
}
