import {
  type Acceptance,
  type CloseReason,
  type Message,
  Refusal,
  type Session,
  type Situation,
  type UpgradeRequest,
  type Wire,
} from '@roomcast/engine';
import { readAuthToken } from './auth-token.js';
import type { ClientMessage } from './client-message.js';
import { closeOf, malformed } from './close-codes.js';
import { decodeEither, serializerOf } from './dialects.js';
import { MalformedFrameError, ParamsError } from './errors.js';
import { handshakeFault } from './handshake.js';
import type { ConnectResult, ResolvedPhoenixOptions } from './options.js';
import { type Params, parseParams } from './params.js';
import { badRequest, chosen, forbidden, inPhoenixForm, PhoenixRefusal } from './refusals.js';
import { Routes } from './routes.js';
import type { Dialect } from './serializer.js';
import { PhoenixSocket, type SocketRules } from './socket.js';
import { dialectOf } from './vsn.js';

type Accepted<Assigns> = Acceptance<PhoenixSocket<Assigns>> | Refusal;

/** Phoenix Channels as a protocol of the engine. */
export class PhoenixWire<Assigns, Event> implements Wire<PhoenixSocket<Assigns>> {
  readonly #rules: SocketRules<Assigns>;

  constructor(
    readonly options: ResolvedPhoenixOptions<Assigns, Event>,
    broadcast: SocketRules<Assigns>['broadcast'],
  ) {
    this.#rules = { routes: new Routes(options.channels), maxChannels: options.maxChannels, broadcast };
  }

  accept(request: UpgradeRequest): Accepted<Assigns> | Promise<Accepted<Assigns>> {
    if (request.raw.method !== 'GET') return new PhoenixRefusal(400);
    let params: Params;
    try {
      params = parseParams(request.raw.url ?? '');
    } catch (error) {
      if (error instanceof ParamsError) return badRequest;
      throw error;
    }
    const offer = this.options.authToken ? readAuthToken(request.protocols) : { token: null, protocol: undefined };
    const dialect = dialectOf(params.vsn);
    if (offer === undefined || dialect === undefined) return forbidden;
    if (offer.token !== null) withoutToken(request, offer.protocol);
    const accepted = (result: ConnectResult<Assigns>) => this.#accepted(request, result, dialect, offer.protocol);
    const result = this.options.connect(params, { ...request, authToken: offer.token });
    return result instanceof Promise ? result.then(accepted) : accepted(result);
  }

  refusal(refusal: Refusal): Refusal {
    return inPhoenixForm(refusal);
  }

  message(session: Session<PhoenixSocket<Assigns>>, frame: Message): unknown {
    let message: ClientMessage;
    try {
      message = this.#decode(session, frame);
    } catch (error) {
      if (!(error instanceof MalformedFrameError)) throw error;
      session.close(malformed);
      return undefined;
    }
    return session.data.receive(session, message);
  }

  close(session: Session<PhoenixSocket<Assigns>>): void {
    session.data.closed();
  }

  removed(session: Session<PhoenixSocket<Assigns>>, room: string): void {
    session.data.removed(room);
  }

  farewell(_session: Session<PhoenixSocket<Assigns>>, situation: Situation): CloseReason | undefined {
    return closeOf(situation);
  }

  #decode(session: Session<PhoenixSocket<Assigns>>, frame: Message): ClientMessage {
    if (!this.options.objectFramesOnV2) return serializerOf(session.dialect).decode(frame);
    const { dialect, message } = decodeEither(frame);
    session.dialect = dialect;
    return message;
  }

  #accepted(
    request: UpgradeRequest,
    result: ConnectResult<Assigns>,
    dialect: Dialect,
    protocol: string | undefined,
  ): Accepted<Assigns> {
    if (result === undefined) return forbidden;
    if (result instanceof Refusal) return chosen(result);
    const fault = handshakeFault(request);
    if (fault !== undefined) return new PhoenixRefusal(400, fault);
    const data = new PhoenixSocket(result.assigns, this.#rules);
    return {
      data,
      dialect,
      ...(result.identity && { identity: result.identity }),
      ...(protocol && { protocol }),
    };
  }
}

/**
 * Takes the token out of the offered subprotocols, as the original does: standard base64 has `/`, with which a strict
 * handshake refuses the whole header, and nothing after this has use for a secret.
 */
function withoutToken({ raw }: UpgradeRequest, protocol: string | undefined): void {
  if (protocol === undefined) delete raw.headers['sec-websocket-protocol'];
  else raw.headers['sec-websocket-protocol'] = protocol;
}
