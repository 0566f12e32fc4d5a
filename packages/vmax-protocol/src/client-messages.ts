import * as z from 'zod/mini';
import { errorTexts } from './error-texts.js';
import { id, idExpected, isId } from './ids.js';
import { kindOf } from './issues.js';
import { isRecord } from './records.js';

/** What a subscription is to. */
export type Channel =
  | { readonly channel: 'fleet'; readonly fleetId: string }
  | { readonly channel: 'regulator'; readonly regulatorId: string };

export const channel = z.discriminatedUnion('channel', [
  z.looseObject({ channel: z.literal('fleet'), fleetId: id }),
  z.looseObject({ channel: z.literal('regulator'), regulatorId: id }),
]);

/** What a client sends, by type. */
export const clientMessages = {
  SUBSCRIBE: z.looseObject({ type: z.literal('SUBSCRIBE'), payload: channel }),
  UNSUBSCRIBE: z.looseObject({ type: z.literal('UNSUBSCRIBE'), payload: channel }),
  PING: z.looseObject({ type: z.literal('PING') }),
} as const;

export type ClientMessageType = keyof typeof clientMessages;

export type ClientMessage =
  | { readonly type: 'SUBSCRIBE' | 'UNSUBSCRIBE'; readonly payload: Channel }
  | { readonly type: 'PING' };

export type ClientMessageResult =
  | { readonly ok: true; readonly message: ClientMessage }
  | { readonly ok: false; readonly error: string };

/** How much of an unknown type the error repeats, in characters. */
const maxRepeated = 100;

const ping: ClientMessageResult = { ok: true, message: { type: 'PING' } };

/** Checks what a client sent, as text. Never throws; a refusal carries the `message` of the `ERROR`. */
export function parseClientMessage(text: string): ClientMessageResult {
  let input: unknown;
  try {
    input = JSON.parse(text);
  } catch {
    return refused(errorTexts.invalidFormat);
  }
  if (!isRecord(input) || input.type === undefined || input.type === null || input.type === '') {
    return refused(errorTexts.invalidFormat);
  }
  const { type } = input;
  if (type === 'PING') return ping;
  if (type === 'SUBSCRIBE' || type === 'UNSUBSCRIBE') return parseSubscription(type, input.payload);
  return refused(errorTexts.unknownType(repeated(type)));
}

function parseSubscription(type: 'SUBSCRIBE' | 'UNSUBSCRIBE', payload: unknown): ClientMessageResult {
  const { channel, fleetId, regulatorId } = isRecord(payload) ? payload : {};
  switch (channel) {
    case 'fleet':
      return isId(fleetId) ? { ok: true, message: { type, payload: { channel, fleetId } } } : noId('fleetId', fleetId);
    case 'regulator':
      return isId(regulatorId)
        ? { ok: true, message: { type, payload: { channel, regulatorId } } }
        : noId('regulatorId', regulatorId);
    default:
      return refused(errorTexts.invalidField('payload.channel', '"fleet" or "regulator"', kindOf(channel)));
  }
}

function noId(field: 'fleetId' | 'regulatorId', value: unknown): ClientMessageResult {
  return refused(errorTexts.invalidField(`payload.${field}`, idExpected, kindOf(value)));
}

/** A type as the error repeats it: a client's own words, but not all 64 KiB of them. */
function repeated(type: unknown): string {
  const text = typeof type === 'string' ? type : kindOf(type);
  return text.length > maxRepeated ? `${text.slice(0, maxRepeated)}…` : text;
}

function refused(error: string): ClientMessageResult {
  return { ok: false, error };
}
