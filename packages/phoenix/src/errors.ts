import { RoomcastError } from '@roomcast/engine';

/** A client sent what is no frame of the protocol. Its connection is closed with 1011, as Phoenix does. */
export class MalformedFrameError extends RoomcastError {
  override name = 'MalformedFrameError';

  constructor(expected: string, options?: ErrorOptions) {
    super(`a frame of the client is malformed: expected ${expected}`, options);
  }
}

/** Something cannot be put into a frame: bytes for a client of V1, or a name that is too long for a binary frame. */
export class UnencodableError extends RoomcastError {
  override name = 'UnencodableError';
}

/** The query of the connection's URL is not percent-encoded UTF-8. The upgrade is answered with HTTP 400. */
export class ParamsError extends RoomcastError {
  override name = 'ParamsError';

  constructor(options?: ErrorOptions) {
    // The query may hold a token: it must not get into a message.
    super('the query of the URL is not percent-encoded UTF-8', options);
  }
}
