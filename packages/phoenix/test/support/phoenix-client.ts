import { eventually } from '@roomcast/testing';
import { type Channel, type Push, Socket, type SocketConnectOption } from 'phoenix';
import { WebSocket } from 'ws';

/** The official client over `ws`, which tries again without waiting long. */
export function officialSocket(url: string, options: Partial<SocketConnectOption> = {}): Socket {
  return new Socket(url, {
    transport: WebSocket,
    reconnectAfterMs: () => 20,
    rejoinAfterMs: () => 20,
    ...options,
  });
}

export interface Outcome {
  status: 'ok' | 'error' | 'timeout' | 'custom';
  response: unknown;
}

/** What a push or a join comes to. */
export function outcome(push: Push): Promise<Outcome> {
  return new Promise((resolve) => {
    for (const status of ['ok', 'error', 'timeout', 'custom'] as const) {
      // The types know three statuses; the wire knows any.
      push.receive(status as 'ok', (response) => resolve({ status, response }));
    }
  });
}

/** What a channel is told of some events, in the order of arrival. */
export function heard(channel: Channel, ...events: string[]): { event: string; payload: unknown }[] {
  const log: { event: string; payload: unknown }[] = [];
  for (const event of events) channel.on(event, (payload) => void log.push({ event, payload }));
  return log;
}

export function untilState(channel: Channel, state: Channel['state']): Promise<unknown> {
  return eventually(() => channel.state === state, `the channel's state "${state}"`);
}
