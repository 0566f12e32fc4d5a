import { type Clock, systemClock } from '../../clock.js';
import { EngineOptionsError } from '../../errors.js';
import { consoleLogger, type Logger } from '../../observe/logger.js';

/** What every bus over a broker takes. */
export interface BrokerBusOptions {
  /** @default warnings and errors on standard error */
  logger?: Logger;
  /** @default the machine's time */
  clock?: Clock;
  /** How long making a connection may take, in milliseconds. @default 5000 */
  connectTimeoutMs?: number;
  /** How long the broker may take to confirm a publication or answer a ping, in milliseconds. @default 3000 */
  replyTimeoutMs?: number;
  /** How long a subscription may take, a reconnect in between included, in milliseconds. @default 5000 */
  subscribeTimeoutMs?: number;
  /** Between pings, in milliseconds. @default 3000 */
  pingIntervalMs?: number;
  /**
   * Bytes of publications that the broker has not confirmed; over it `publish` rejects with `BusFullError`. One message
   * of any size always fits where none waits. @default 16 MiB
   */
  maxPendingBytes?: number;
  /** The longest pause before another try to connect, in milliseconds; it grows up to there. @default 5000 */
  maxBackOffMs?: number;
}

/** The values of the options that are not given. */
export const brokerBusDefaults: Readonly<Required<BrokerBusOptions>> = Object.freeze({
  logger: consoleLogger,
  clock: systemClock,
  connectTimeoutMs: 5000,
  replyTimeoutMs: 3000,
  subscribeTimeoutMs: 5000,
  pingIntervalMs: 3000,
  maxPendingBytes: 16 * 1024 * 1024,
  maxBackOffMs: 5000,
});

const numbers = [
  'connectTimeoutMs',
  'replyTimeoutMs',
  'subscribeTimeoutMs',
  'pingIntervalMs',
  'maxPendingBytes',
  'maxBackOffMs',
] as const;

/** The options with their defaults, refused by name where one makes no sense. */
export function resolveBrokerBusOptions(options: BrokerBusOptions): Required<BrokerBusOptions> {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const resolved: Required<BrokerBusOptions> = { ...brokerBusDefaults, ...given };
  for (const option of numbers) {
    const value = resolved[option];
    if (Number.isSafeInteger(value) && value > 0 && value < 2 ** 31) continue;
    throw new EngineOptionsError(option, `a whole number from 1 to ${2 ** 31 - 1}`, value);
  }
  return resolved;
}
