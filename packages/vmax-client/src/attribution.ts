import { type Channel, errorTexts } from '@roomcast/vmax-protocol';

/** A wish of this client about a channel. */
export interface Desire {
  readonly action: 'SUBSCRIBE' | 'UNSUBSCRIBE';
  readonly channel: Channel;
}

type Concerns = (desire: Desire) => boolean;

const subscribing: Concerns = ({ action }) => action === 'SUBSCRIBE';
const about =
  (kind: Channel['channel']): Concerns =>
  ({ channel }) =>
    channel.channel === kind;

/** What the texts of the protocol can be about. */
const known: readonly (readonly [beginning: string, concerns: Concerns])[] = [
  [errorTexts.forbiddenFleet, (desire) => subscribing(desire) && about('fleet')(desire)],
  [errorTexts.forbiddenRegulator, (desire) => subscribing(desire) && about('regulator')(desire)],
  ['Too many subscriptions', subscribing],
  ['Invalid payload.fleetId', about('fleet')],
  ['Invalid payload.regulatorId', about('regulator')],
];

/** Whether the server closes the connection right after it said this, so that the close tells. */
export function announcesClose(text: string): boolean {
  return text === errorTexts.authenticationRequired || text === errorTexts.invalidToken;
}

/**
 * Which of the unanswered wishes so many `ERROR`s of one text reject. An `ERROR` does not say what it answers, and servers
 * may answer out of order; so as many as could be meant have to be left as there are errors. Until then: `'wait'`.
 */
export function rejectedBy<One extends Desire>(
  text: string,
  count: number,
  open: readonly One[],
): readonly One[] | 'wait' {
  const concerns = known.find(([beginning]) => text.startsWith(beginning))?.[1];
  const candidates = concerns ? open.filter(concerns) : open;
  if (candidates.length <= count) return candidates;
  // A text that nobody knows could be about anything: it is not worth waiting for.
  return concerns ? 'wait' : [];
}
