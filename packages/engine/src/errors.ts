/** The base of every error this package throws. */
export class RoomcastError extends Error {
  override name = 'RoomcastError';
}

/** An option contradicts another, or has a value outside its range. `option` names it. */
export class EngineOptionsError extends RoomcastError {
  override name = 'EngineOptionsError';

  constructor(
    readonly option: string,
    expected: string,
    got: unknown,
  ) {
    super(`${option}: expected ${expected}, got ${String(got)}`);
  }
}

/** A name or a path is already taken on this engine. */
export class MountConflictError extends RoomcastError {
  override name = 'MountConflictError';

  constructor(
    readonly what: 'name' | 'path',
    readonly value: string,
    readonly takenBy: string,
  ) {
    super(`the ${what} "${value}" is already used by the mount "${takenBy}": give one of them another ${what}`);
  }
}

/** A session wished for more rooms than its mount allows. */
export class RoomLimitError extends RoomcastError {
  override name = 'RoomLimitError';

  constructor(readonly limit: number) {
    super(`a connection may join at most ${limit} rooms`);
  }
}

/** The bus did not take a message: it was delivered on this instance and reached no other. */
export class BusDownError extends RoomcastError {
  override name = 'BusDownError';

  constructor(message = 'the bus is not connected', options?: ErrorOptions) {
    super(message, options);
  }
}

/** Too much waits for the broker to take it already. `waitingBytes` is how much, `maxBytes` how much may. */
export class BusFullError extends BusDownError {
  override name = 'BusFullError';

  constructor(
    readonly waitingBytes: number,
    readonly maxBytes: number,
  ) {
    super(
      `the broker does not keep up: ${waitingBytes} bytes wait for it, and at most ${maxBytes} may. Publish slower`,
    );
  }
}

/** The broker refuses this program until somebody changes something: the address, a password, a certificate. */
export class BusRefusedError extends BusDownError {
  override name = 'BusRefusedError';
}

/** A token, or the key meant to verify it, was refused. `reason` is safe to log: it never holds the token. */
export class CredentialsError extends RoomcastError {
  override name = 'CredentialsError';

  constructor(
    readonly reason: 'missing' | 'malformed' | 'expired' | 'not-yet-valid' | 'refused' | 'unavailable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
