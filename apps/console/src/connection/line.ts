import { ClientOptionsError, CredentialsRefusedError, RequestRejectedError } from '@roomcast/client-core';
import { FrameLog } from '../frames/frame-log.js';
import { masked } from '../frames/masked.js';
import { Tap } from '../frames/tap.js';
import { Pulse } from '../live/pulse.js';
import { type DemoIdentity, demoIdentities } from '../services/demo-session.js';
import { httpBaseOf } from '../services/http-base.js';
import type { ServiceName } from '../services/names.js';
import { type Access, noAccess, secretsOf } from './access.js';
import type { OpenClient, OpenedClient, Phase } from './client.js';
import { Credentials } from './credentials.js';
import { diagnose, tokenProblem } from './diagnose.js';
import type { Problem } from './problem.js';

/** What people are told of a line. */
export interface LineView {
  readonly phase: Phase;
  /** When it came into that phase, in milliseconds since the epoch. */
  readonly since: number;
  /** While `waiting`: when the next attempt begins. */
  readonly retryAt: number | undefined;
  readonly problem: Problem | undefined;
  /** What the server last said no to, while the connection holds. */
  readonly notice: string | undefined;
  /** Who one can sign in as; empty where the service is no demonstration. */
  readonly identities: readonly DemoIdentity[];
}

const diagnosisIntervalMs = 4000;

/** The line to one service: where it goes, who uses it, what goes over it, and the client at this end. */
export class Line {
  readonly pulse = new Pulse();
  readonly log: FrameLog;
  readonly tap: Tap;
  #access: Access = noAccess;
  #view: LineView = {
    phase: 'off',
    since: Date.now(),
    retryAt: undefined,
    problem: undefined,
    notice: undefined,
    identities: [],
  };
  #credentials = new Credentials(noAccess);
  #client: OpenedClient | undefined;
  /** When the last diagnosis of this connection's troubles began. */
  #diagnosedAt = Number.NEGATIVE_INFINITY;

  constructor(
    readonly service: ServiceName,
    private readonly open: OpenClient,
  ) {
    this.log = new FrameLog(() => this.#secrets());
    this.tap = new Tap(this.log);
  }

  get access(): Access {
    return this.#access;
  }

  get view(): LineView {
    return this.tap.isCut ? { ...this.#view, phase: 'cut', problem: undefined, retryAt: undefined } : this.#view;
  }

  /** Where the HTTP side is; empty while there is no usable URL. */
  get httpBase(): string {
    return httpBaseOf(this.#access.url) ?? '';
  }

  /** Connects with a new client, in place of the one before. */
  connect(access: Access): void {
    const isElsewhere = access.url !== this.#access.url;
    this.#access = access;
    this.#client?.close();
    this.#diagnosedAt = Number.NEGATIVE_INFINITY;
    this.#credentials = new Credentials(access, this.service === 'falcon');
    this.tap.restore();
    this.#show({ phase: 'off', problem: undefined, notice: undefined, retryAt: undefined });
    if (isElsewhere) void this.#askForIdentities();
    if (access.url === '') {
      this.#show({ problem: { kind: 'no-url' } });
      return;
    }
    const credentials = this.#credentials;
    const isCurrent = () => credentials === this.#credentials;
    try {
      this.#client = this.open(
        {
          url: access.url,
          token: credentials.provide,
          isEntered: access.identity === '',
          identities: () => this.#view.identities,
          WebSocket: this.tap.WebSocket,
        },
        {
          phase: (phase, retryInMs) => isCurrent() && this.#became(phase, retryInMs),
          error: (error) => isCurrent() && this.#failed(error),
        },
      );
    } catch (error) {
      const expected = error instanceof ClientOptionsError ? error.message.replace(/^option \w+: /, '') : String(error);
      this.#client = undefined;
      this.#show({ phase: 'failed', problem: { kind: 'bad-url', expected } });
    }
  }

  /** Changes what only the HTTP side asks for: the connection stays. */
  renewTokens(tokens: Pick<Access, 'publishToken' | 'adminToken'>): void {
    this.#access = { ...this.#access, ...tokens };
    this.pulse.changed();
  }

  cut(): void {
    this.tap.cut();
    this.#show({});
  }

  /** Attempts that hang go through; a client that had given up is made anew. */
  restore(): void {
    this.tap.restore();
    if (this.#view.phase === 'failed') this.connect(this.#access);
    else this.#show({});
  }

  /** Waits for what somebody asked for: a refusal is told, and what was told before it is old news once this is done. */
  async asked(request: Promise<unknown> | undefined): Promise<void> {
    try {
      await request;
      this.#show({ notice: undefined });
    } catch (error) {
      this.say(error);
    }
  }

  /** Tells people that something was not done. */
  say(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    this.#show({ notice: masked(message, this.#secrets()) });
  }

  #became(phase: Exclude<Phase, 'cut'>, retryInMs: number | undefined): void {
    const retryAt = retryInMs === undefined ? undefined : Date.now() + retryInMs;
    this.#show({ phase, retryAt, ...(phase === 'open' && { problem: undefined, notice: undefined }) });
  }

  #failed(error: Error): void {
    if (this.tap.isCut) return;
    if (error instanceof CredentialsRefusedError) {
      this.#show({ problem: tokenProblem(this.#credentials.current) });
    } else if (error instanceof RequestRejectedError) {
      this.say(error);
    } else if (this.#view.phase === 'open') {
      this.say(error);
    } else {
      void this.#findOut(error);
    }
  }

  async #findOut(error: Error): Promise<void> {
    // Each attempt fails for the same reason as the one before, nearly always.
    if (performance.now() - this.#diagnosedAt < diagnosisIntervalMs) return;
    this.#diagnosedAt = performance.now();
    const credentials = this.#credentials;
    try {
      const problem = await diagnose(this.service, this.#access.url, credentials.current);
      if (credentials !== this.#credentials || this.#view.phase === 'open' || this.tap.isCut) return;
      this.#show({ problem });
    } catch {
      this.say(error); // Only where the browser itself refuses to ask.
    }
  }

  async #askForIdentities(): Promise<void> {
    const base = this.httpBase;
    this.#show({ identities: [] });
    if (base === '') return;
    const identities = await demoIdentities(base).catch(() => undefined);
    if (base === this.httpBase) this.#show({ identities: identities ?? [] });
  }

  #secrets(): readonly string[] {
    return [...secretsOf(this.#access), this.#credentials.current];
  }

  #show(change: Partial<LineView>): void {
    const isOther = change.phase !== undefined && change.phase !== this.#view.phase;
    this.#view = { ...this.#view, ...change, ...(isOther && { since: Date.now() }) };
    this.pulse.changed();
  }
}
