import { ClientError } from '@roomcast/client-core';

/** More subscriptions are wanted than the server takes: the first ones are kept, those beyond bring no events. */
export class TooManySubscriptionsError extends ClientError {
  override readonly name = 'TooManySubscriptionsError';

  constructor(
    /** How many the server takes (option `maxSubscriptions`). */
    readonly limit: number,
    /** How many different ones are wanted. */
    readonly wanted: number,
    options?: ErrorOptions,
  ) {
    super(
      `the server takes ${limit} subscriptions per connection, ${wanted} are wanted: the last ${wanted - limit} bring no events; unsubscribe some, or ask for more with one filter`,
      options,
    );
  }
}
