/** Every error of a Roomcast client: `name` says which situation, the fields carry its data. */
export class ClientError extends Error {
  // Written out in each class: bundlers rename classes.
  override readonly name: string = 'ClientError';
}

/** The server did not accept the connection, or could not be reached. */
export class ConnectionRefusedError extends ClientError {
  override readonly name = 'ConnectionRefusedError';
  /** The HTTP status of the refusal; undefined where the platform hides it, as browsers do, or nothing answered. */
  readonly status: number | undefined;

  constructor(message: string, options: ErrorOptions & { status?: number | undefined } = {}) {
    super(message, options);
    this.status = options.status;
  }
}

/**
 * The credentials were refused, and would be again: the one error that ends a connection for good. A token provider may
 * throw it.
 */
export class CredentialsRefusedError extends ClientError {
  override readonly name = 'CredentialsRefusedError';
}

/** A connection that was established ended without the client asking for it. */
export class ConnectionLostError extends ClientError {
  override readonly name = 'ConnectionLostError';

  constructor(
    /** The WebSocket close code. */
    readonly code: number,
    /** What the server said, often nothing. */
    readonly reason: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** There is no connection at the moment; it is being worked on. */
export class NotConnectedError extends ClientError {
  override readonly name = 'NotConnectedError';

  constructor(
    /** What would have needed it. */
    readonly operation: string,
    options?: ErrorOptions,
  ) {
    super(`${operation} needs a connection, and there is none at the moment`, options);
  }
}

/** A message was not taken: too much waits to be sent already. */
export class QueueFullError extends ClientError {
  override readonly name = 'QueueFullError';

  constructor(
    /** The option that limits it. */
    readonly option: 'maxQueued' | 'maxBufferedBytes',
    readonly limit: number,
    options?: ErrorOptions,
  ) {
    super(`a message was refused, as much as option ${option} (${limit}) allows waits to be sent already`, options);
  }
}

/** No answer came in time. */
export class TimeoutError extends ClientError {
  override readonly name = 'TimeoutError';

  constructor(
    /** What was being waited for. */
    readonly operation: string,
    readonly timeoutMs: number,
    options?: ErrorOptions,
  ) {
    super(`expected an answer to ${operation} within ${timeoutMs} ms, got none`, options);
  }
}

/** The server answered a request with an error. */
export class RequestRejectedError extends ClientError {
  override readonly name = 'RequestRejectedError';

  constructor(
    /** What was asked. */
    readonly operation: string,
    /** What the server said. */
    readonly reason: string,
    options?: ErrorOptions,
  ) {
    super(`the server rejected ${operation}: ${reason}`, options);
  }
}

/** The server sent something that its protocol does not allow. */
export class ProtocolError extends ClientError {
  override readonly name = 'ProtocolError';

  constructor(
    /** The event or answer that was wrong. */
    readonly event: string,
    /** What was wrong with it, where. */
    readonly issues: readonly { readonly path: string; readonly message: string }[],
    options?: ErrorOptions,
  ) {
    const [first] = issues;
    super(
      `the server sent ${event} in a shape that was not expected${first ? `: ${first.path} ${first.message}` : ''}`,
      options,
    );
  }
}

/** The client was closed by its owner; it does not come back. */
export class ClientClosedError extends ClientError {
  override readonly name = 'ClientClosedError';

  constructor(options?: ErrorOptions) {
    super('the client is closed; create a new one', options);
  }
}

/** An option that the client cannot work with. */
export class ClientOptionsError extends ClientError {
  override readonly name = 'ClientOptionsError';

  constructor(
    /** The option's name. */
    readonly option: string,
    expectation: string,
    options?: ErrorOptions,
  ) {
    super(`option ${option}: ${expectation}`, options);
  }
}
