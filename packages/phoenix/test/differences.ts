import { type Observed, recorded, type TraceLine, traceLines } from './support/trace.js';

/** One way in which this server differs from a recorded one. */
export interface Difference {
  id: string;
  /** The scenarios in which it shows. */
  scenario: RegExp;
  /** The recorded servers it differs from. */
  stack: RegExp;
  /** Why, in the words of the README. */
  reason: string;
  /** What happens here instead: all of it. */
  instead: (line: TraceLine) => Observed[];
}

/** As the newest Phoenix on cowboy does it. */
function asOnCowboy({ scenario }: TraceLine): Observed[] {
  const peer = traceLines.find(
    (other) => other.stack === 'phoenix-1.8.12/cowboy-2.13.0' && other.scenario === scenario,
  );
  if (peer === undefined) throw new Error(`"${scenario}" was not recorded on cowboy`);
  return recorded(peer);
}

function withClose(code: number) {
  return (line: TraceLine): Observed[] =>
    recorded(line).map((event) => ('close' in event ? { close: code, reason: '' } : event));
}

const phoenix17 = /^phoenix-1\.7/;
const bandit = /bandit/;
const any = /^/;

export const differences: readonly Difference[] = [
  {
    id: 'phx-error-payload',
    scenario:
      /^(unknown event|bad args|handle_in raises|stop error|channel process killed|client sends phx_|bad frame: (missing event vsn=2|non-string event)|binary push on vsn|join null join_ref)/,
    stack: phoenix17,
    reason: '1.7 sends `phx_error` with `{}`; 1.8 with `{"reason":"channel_crash"}`, as here.',
    instead: asOnCowboy,
  },
  {
    id: 'stale-join-ref',
    scenario: /^(join numeric refs|join null join_ref|duplicate join vsn|join_ref mismatch push|binary frames)/,
    stack: phoenix17,
    reason:
      '1.7 delivers an event whose join_ref is not that of the join; 1.8.3 and later drop it, as here: it belongs to a channel that is gone.',
    instead: asOnCowboy,
  },
  {
    id: 'leave-without-join-ref',
    scenario: /^leave with null join_ref/,
    stack: phoenix17,
    reason: '1.7 ignores a `phx_leave` with a null join_ref; 1.8 obeys it, as here: clients of V1 send no join_ref.',
    instead: asOnCowboy,
  },
  {
    id: 'disconnect-code',
    scenario: /^socket disconnect broadcast/,
    stack: phoenix17,
    reason:
      '1.7 closes a socket that the server disconnects with 1000, after which clients stay away; 1.8 with 1001, as here.',
    instead: asOnCowboy,
  },
  {
    id: 'auth-token-1.7',
    scenario: /^auth_token/,
    stack: phoenix17,
    reason: '1.7 has no `authToken`; the recorded server had nothing at that path.',
    // The heartbeat that follows elsewhere was not sent on 1.7.
    instead: (line) => (line.scenario === 'auth_token subprotocol' ? [{ open: true }] : asOnCowboy(line)),
  },
  {
    id: 'client-close-echo',
    scenario: /^(client close 3000|raw upgrade: close frame without code)/,
    stack: bandit,
    reason: "Bandit answers every close of a client with 1000; here, as on cowboy, the client's own code comes back.",
    instead: asOnCowboy,
  },
  {
    id: 'early-data',
    scenario: /^raw upgrade: early data/,
    stack: bandit,
    reason: 'Bandit loses frames that arrive in one segment with the upgrade request; cowboy answers them, as here.',
    instead: asOnCowboy,
  },
  {
    id: 'frame-too-large',
    scenario: /^default max_frame_size/,
    stack: /cowboy/,
    reason:
      'cowboy resets the connection (1006) while a frame that is too large is still arriving; here it is closed with 1009, as on Bandit.',
    instead: withClose(1009),
  },
  {
    id: 'idle-close-code',
    scenario: /^idle timeout 2000 ms, (no client data|server pushes)/,
    stack: any,
    reason:
      'An idle connection is closed with 1000 by cowboy and with 1002 by Bandit; here with 1001: official clients before 1.8.16 do not come back after 1000, and the client has broken no rule.',
    instead: withClose(1001),
  },
  {
    id: 'drain-without-channel',
    scenario: /^graceful shutdown .* no channel/,
    stack: any,
    reason:
      'At shutdown a connection without a channel is closed with 1000 (Bandit) or cut off (cowboy); here with 1012, like those that have joined one.',
    instead: withClose(1012),
  },
  {
    id: 'compression',
    scenario: /^permessage-deflate offered, compress:true/,
    stack: any,
    reason: 'The engine does not compress: permessage-deflate is never agreed on, as with `compress: false` there.',
    instead: (line) => recorded(line).map((event) => ('http' in event ? { http: 101 } : event)),
  },
  {
    id: 'auth-token-encoding',
    scenario: /^raw upgrade: auth_token bad base64/,
    stack: any,
    reason:
      "A token in the subprotocol that cannot be decoded is the client's fault: HTTP 403, where the original fails with 500. Unlike there, base64url (`-`, `_`) is understood beside standard base64.",
    instead: (line) => recorded(line).map((event) => ('http' in event ? { ...event, http: 403, body: '' } : event)),
  },
];

/** Lines about things that are not built, each with its reason. */
export const notApplicable: readonly { id: string; scenario: RegExp; reason: string }[] = [
  {
    id: 'long-polling',
    // The plain requests to the path of the WebSocket were recorded along with the long polling.
    scenario: /^longpoll: (?!.*on \/socket\/websocket$)/,
    reason: 'Long polling is not served: requests to `…/longpoll` are for the application to answer.',
  },
];

/** The lines that are replayed. */
export const applicableLines = traceLines.filter(
  ({ scenario }) => !notApplicable.some((entry) => entry.scenario.test(scenario)),
);

/** The differences that a line shows. */
export function differencesOf({ scenario, stack }: TraceLine): Difference[] {
  return differences.filter((entry) => entry.scenario.test(scenario) && entry.stack.test(stack));
}
