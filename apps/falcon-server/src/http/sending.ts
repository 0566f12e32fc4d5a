import { randomUUID } from 'node:crypto';
import { BusDownError } from '@roomcast/engine';
import type { FalconGateway } from '@roomcast/falcon-gateway';
import type { FalconEvent, SentAnswer } from '@roomcast/falcon-protocol';
import { problem } from './problem.js';

/** Whom the paths `/websocket/{connections|users|rooms}/{id}/message` are for, as fields of an event. */
export const targetFields = { connections: 'to', users: 'user_id', rooms: 'room' } as const;

export type TargetField = (typeof targetFields)[keyof typeof targetFields];

export interface SendingOptions {
  gateway: Pick<FalconGateway, 'parse' | 'publish' | 'recipients'>;
  now(): number;
}

/**
 * Publishes what an administrator sends, and answers how many connections it is for.
 *
 * @param target where the path names one, what it is; there is 404 where nobody is there
 */
export async function send(
  { gateway, now }: SendingOptions,
  body: unknown,
  target?: Readonly<Partial<Record<TargetField, string>>>,
): Promise<Response> {
  const message_id = randomUUID();
  const isObject = typeof body === 'object' && body !== null && !Array.isArray(body);
  const parsed = gateway.parse(isObject ? { ...body, ...target, id: message_id } : body);
  if (!parsed.ok) return problem(422, 'The message is not valid', parsed.issues);
  const recipients_count = await gateway.recipients(recipientsOf(parsed.event));
  if (target !== undefined && recipients_count === 0) return problem(404, 'There is no such connection, user or room');
  try {
    await gateway.publish(parsed.event).done;
  } catch (error) {
    if (!(error instanceof BusDownError)) throw error;
    return problem(503, 'The bus is down: the message was delivered by this instance only');
  }
  const connections = recipients_count === 1 ? '1 connection' : `${recipients_count} connections`;
  const answer: SentAnswer = {
    success: true,
    message_id,
    recipients_count,
    timestamp: new Date(now()).toISOString(),
    message: `Sent to ${connections}`,
  };
  return Response.json(answer);
}

/** What is about a user goes to that user, whatever else is left out. */
function recipientsOf(event: FalconEvent): Pick<FalconEvent, 'room' | 'to' | 'user_id'> {
  const isAboutUser = event.type === 'user_profile_update' || event.type === 'group_membership_change';
  return isAboutUser ? { user_id: event.data.user_id } : event;
}
