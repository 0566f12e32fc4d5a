import { describe, expect, it } from 'vitest';
import {
  encodeServerMessage,
  type FalconEvent,
  messageTypes,
  parseClientMessage,
  parsePublishEvent,
  parseServerMessage,
} from '../src/index.js';
import { fixture } from './support/data.js';

interface Example {
  type: 'user_profile_update' | 'group_membership_change';
  data: FalconEvent<'user_profile_update' | 'group_membership_change'>['data'];
  timestamp: string;
}

const examples = fixture<Example[]>('server-messages');

describe('the examples of the document', () => {
  it('are all here', () => expect(examples).toHaveLength(2));

  it.each(examples)('reads $type from a server as it was sent', (message) => {
    expect(parseServerMessage(JSON.stringify(message))).toEqual({ ok: true, value: message });
  });

  it.each(examples)('writes $type in the same words', ({ type, data, timestamp }) => {
    const written = encodeServerMessage(type, data, Date.parse(timestamp));
    expect(written).toBe(JSON.stringify({ type, data, timestamp: '2024-01-01T12:00:00.000Z' }));
  });

  it.each(examples)('takes $type as a publication', (message) => {
    expect(parsePublishEvent(message)).toEqual({ ok: true, value: message });
  });

  it('have a message to a room', () => {
    const message = { ...fixture<object>('room-message'), room: 'thread:1' };
    expect(parseClientMessage(JSON.stringify(message))).toEqual({ ok: true, message });
  });

  it('name every message type', () => {
    expect([...messageTypes].sort()).toEqual(fixture<string[]>('message-types').sort());
  });
});
