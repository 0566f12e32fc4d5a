import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { onSources } from '@roomcast/testing';

const publishToken = 'a-publish-token-of-the-faults';

/** How long a server may take to start, in milliseconds: three start at once, from their sources. */
const startWithinMs = 60_000;
/** A publish request that is answered later counts as not answered. */
const answerWithinMs = 30_000;

/** One server process. */
export class Instance {
  private constructor(
    readonly name: string,
    readonly url: string,
    readonly process: ChildProcess,
    private readonly folder: string,
  ) {}

  /** Starts `apps/<server>-server` on a free port, and waits until it listens. */
  static async start(name: string, server: string, env: Readonly<Record<string, string>>): Promise<Instance> {
    const folder = await mkdtemp(join(tmpdir(), 'roomcast-faults-'));
    const program = fileURLToPath(new URL(`../../../${server}-server/src/main.ts`, import.meta.url));
    const child = spawn(process.execPath, [...onSources, program], {
      env: {
        PATH: process.env.PATH ?? '',
        PORT: '0',
        PUBLISH_TOKEN: publishToken,
        STATE_DIR: folder,
        LOG_LEVEL: 'info',
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (what: string) => reject(new Error(`${name} ${what}:\n${lines.join('\n')}`));
      const timer = setTimeout(() => fail('did not start in time'), startWithinMs);
      child.once('exit', (code) => fail(`exited with ${code}`));
      for (const output of [child.stdout, child.stderr]) {
        createInterface({ input: output }).on('line', (line) => {
          lines.push(line);
          if (!line.includes('"msg":"listening"')) return;
          clearTimeout(timer);
          resolve((JSON.parse(line) as { url: string }).url);
        });
      }
    });
    return new Instance(name, url, child, folder);
  }

  /** The status of the answer; 0: there was none. A repeat with the same key publishes nothing twice. */
  async publish(event: unknown, key?: string): Promise<number> {
    try {
      const answer = await fetch(`${this.url}/api/publish`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${publishToken}`,
          'Content-Type': 'application/json',
          ...(key !== undefined && { 'Idempotency-Key': key }),
        },
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(answerWithinMs),
      });
      const text = await answer.text();
      if (answer.status !== 202 && answer.status !== 503) throw new Error(`${answer.status} ${text}`);
      return answer.status;
    } catch (error) {
      if (error instanceof TypeError || (error as Error).name === 'TimeoutError') return 0;
      throw error;
    }
  }

  async isReady(): Promise<boolean> {
    const answer = await fetch(`${this.url}/readyz`).catch(() => undefined);
    await answer?.arrayBuffer();
    return answer?.status === 200;
  }

  /** How many events of other instances it knows to have missed. */
  missed(): Promise<number> {
    return this.#metric('roomcast_events_missed_total');
  }

  /** How many instances it hears, itself included. */
  members(): Promise<number> {
    return this.#metric('roomcast_members');
  }

  /** Ends it without a goodbye. */
  async kill(): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) {
      const exited = once(this.process, 'exit');
      this.process.kill('SIGKILL');
      await exited;
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  /** The sum of a metric over its labels. */
  async #metric(name: string): Promise<number> {
    const text = await (await fetch(`${this.url}/metrics`)).text();
    const values = [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)$`, 'gm'))];
    return values.reduce((sum, [, value]) => sum + Number(value), 0);
  }
}
