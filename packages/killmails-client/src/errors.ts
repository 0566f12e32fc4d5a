import { ClientError } from '@roomcast/client-core';

/** The server ended the channel, not the connection; the client joins again. */
export class ChannelEndedError extends ClientError {
  override readonly name = 'ChannelEndedError';

  constructor(
    /** `phx_error` for a failure on the server, `phx_close` for an end without one. */
    readonly event: 'phx_error' | 'phx_close',
    options?: ErrorOptions,
  ) {
    super(`the server ${event === 'phx_error' ? 'failed on' : 'closed'} the channel; joining it again`, options);
  }
}
