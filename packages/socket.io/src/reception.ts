import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { originAllowed, type Refusal, refuse, type UpgradeRequest } from '@roomcast/engine';
import type { Socket as EngineSocket } from 'engine.io';
import { Connection, type ConnectionHost } from './connection.js';
import type { EngineIo } from './engine-io.js';
import { allowOrigin, answerPreflight, answerRefusal } from './http.js';

/** Engine.IO's number for a session id that it does not know. */
const unknownSession = 1;

/** Gives a request the answer it is refused with. */
type Answer = (refusal: Refusal, code?: number) => void;

export interface ReceptionOptions extends ConnectionHost {
  readonly eio: EngineIo;
  readonly credentials: boolean;
  guard?(request: UpgradeRequest): Refusal | undefined | Promise<Refusal | undefined>;
  /** Instances of the cluster: of several, each knows only its own connections. */
  instances(): number;
}

/** Where requests arrive: those that begin a connection are admitted or refused, the others led to theirs. */
export class Reception {
  readonly #options: ReceptionOptions;
  readonly #connections = new Map<string, Connection>();
  readonly #byConn = new WeakMap<EngineSocket, Connection>();
  /** Admitted requests that no connection has come of yet, with the address and the stream that they came by. */
  readonly #admitted = new Map<IncomingMessage, { readonly ip: string; readonly stream?: Duplex }>();
  #toldOfOthers = false;

  constructor(options: ReceptionOptions) {
    this.#options = options;
    options.eio.on('connection', (conn: EngineSocket) => this.#begun(conn));
  }

  of(conn: EngineSocket): Connection | undefined {
    return this.#byConn.get(conn);
  }

  request(request: UpgradeRequest, response: ServerResponse): void {
    const { foreign, eio, credentials } = this.#options;
    const { raw } = request;
    const answer: Answer = (refusal, code) => {
      foreign.mount.counters.countRefused(refusal.status);
      answerRefusal(response, refusal, code);
    };
    const isAllowed = allowOrigin(raw, response, { origins: foreign.mount.limits.origins, credentials });
    const sid = request.query.get('sid');
    if (raw.method === 'OPTIONS' && isAllowed) answerPreflight(raw, response);
    else if (sid === null || sid === '')
      void this.#begin(request, response, answer, {}, () => eio.handleRequest(raw, response));
    else if (!isAllowed) answer(refuse(403, 'Origin not allowed'));
    else {
      const connection = this.#connections.get(sid);
      if (connection === undefined) answer(this.#unknown(), unknownSession);
      else {
        if (raw.method === 'GET') connection.polledBy(response);
        eio.handleRequest(raw, response);
      }
    }
  }

  upgrade(request: UpgradeRequest, stream: Duplex, head: Buffer): void {
    const { foreign, eio } = this.#options;
    const answer: Answer = (refusal) => foreign.refuse(stream, refusal);
    const proceed = () => eio.handleUpgrade(request.raw, stream, head);
    const sid = request.query.get('sid');
    if (sid === null || sid === '') void this.#begin(request, stream, answer, { stream }, proceed);
    else if (!originAllowed(foreign.mount.limits.origins, request.headers)) answer(refuse(403, 'Origin not allowed'));
    else {
      const connection = this.#connections.get(sid);
      if (connection === undefined) answer(this.#unknown());
      else {
        connection.carriedBy(stream);
        proceed();
      }
    }
  }

  /** Admits a connection before Engine.IO hears of it. `end` closes when the request is over, whatever came of it. */
  async #begin(
    request: UpgradeRequest,
    end: Duplex | ServerResponse,
    answer: Answer,
    carrier: { stream?: Duplex },
    proceed: () => void,
  ): Promise<void> {
    const { foreign, guard } = this.#options;
    const { raw, ip } = request;
    try {
      const refusal = foreign.refusal(request) ?? (await guard?.(request)) ?? foreign.refusal(request);
      if (end.destroyed || !end.writable) return;
      const refused = refusal ?? foreign.admit(ip);
      if (refused !== undefined) {
        answer(refused);
        return;
      }
    } catch (error) {
      foreign.mount.counters.failures++;
      foreign.mount.logger.error({ mount: foreign.mount.name, err: error }, 'accepting a connection failed');
      answer(refuse(500));
      return;
    }
    this.#admitted.set(raw, { ip, ...carrier });
    end.once('close', () => this.#cameToNothing(raw));
    proceed();
  }

  #begun(conn: EngineSocket): void {
    const admitted = this.#admitted.get(conn.request);
    const id = this.#options.eio.idOf(conn.request);
    // Every way to Engine.IO leads through `#begin`; who found another gets no service.
    if (admitted === undefined || id === undefined) {
      conn.close(true);
      return;
    }
    this.#admitted.delete(conn.request);
    const connection = new Connection(conn, this.#options, admitted.ip);
    if (admitted.stream !== undefined) connection.carriedBy(admitted.stream);
    this.#connections.set(id, connection);
    this.#byConn.set(conn, connection);
    conn.once('close', () => this.#connections.delete(id));
  }

  #cameToNothing(request: IncomingMessage): void {
    const admitted = this.#admitted.get(request);
    if (admitted === undefined) return;
    this.#admitted.delete(request);
    this.#options.foreign.release(admitted.ip);
  }

  #unknown(): Refusal {
    if (this.#options.instances() < 2) return refuse(400, 'Session ID unknown');
    if (!this.#toldOfOthers) {
      this.#toldOfOthers = true;
      this.#options.foreign.mount.logger.warn(
        { mount: this.#options.foreign.mount.name },
        'a client asks for a connection that is not here: several instances need a load balancer with sticky sessions, or clients with transports: ["websocket"]',
      );
    }
    return refuse(
      400,
      'Session ID unknown: this instance has no such connection. Several instances are running: polling needs a load ' +
        "balancer that leads each client always to the same one (sticky sessions); transports: ['websocket'] does without",
    );
  }
}
