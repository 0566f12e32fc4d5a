import { describe, expect, it } from 'vitest';
import {
  type ConnectionStats,
  clientMessages,
  connectionStats,
  eventTypes,
  parseClientMessage,
  parsePublishEvent,
  parseServerMessage,
} from '../src/index.js';
import { eventMessages, fixture, type Message, serverMessages } from './support/data.js';

describe('the JSON examples of the document', () => {
  it('have the auth message', () => {
    const [auth] = fixture('client-messages') as Message[];
    expect(clientMessages.auth.safeParse(auth?.data)).toMatchObject({ success: true });
    expect(parseClientMessage(JSON.stringify(auth))).toEqual({
      ok: true,
      message: { type: 'auth', token: auth?.data.token },
    });
  });

  it('have the subscribe message, every filter as it is written', () => {
    const [, subscribe] = fixture('client-messages') as Message[];
    expect(clientMessages.subscribe.safeParse(subscribe?.data)).toMatchObject({ success: true });
    expect(parseClientMessage(JSON.stringify(subscribe))).toEqual({
      ok: true,
      message: { type: 'subscribe', subscriptions: subscribe?.data.subscriptions, skipped: 0, issues: [] },
    });
  });

  it('have the ping message', () => {
    const [, , ping] = fixture('client-messages') as Message[];
    expect(parseClientMessage(JSON.stringify(ping))).toEqual({ ok: true, message: { type: 'ping' } });
  });

  it('have an envelope that is no message itself', () => {
    expect(parseClientMessage(JSON.stringify(fixture('envelope')))).toMatchObject({ ok: false });
    expect(parseServerMessage(JSON.stringify(fixture('envelope')))).toMatchObject({ ok: false });
  });

  it.each(serverMessages)('have $message_type, read by a client as it is', (message) => {
    expect(parseServerMessage(JSON.stringify(message))).toEqual({ ok: true, value: message });
  });

  it.each(eventMessages)('have $message_type, which can be published as it is', (message) => {
    expect(parsePublishEvent(message)).toEqual({ ok: true, value: message });
    const { message_type, data } = message;
    expect(parsePublishEvent({ message_type, data })).toEqual({ ok: true, value: { message_type, data } });
  });

  it('have every event but item_updated, which the document only names', () => {
    const shown = eventMessages.map(({ message_type }) => message_type);
    expect([...shown, 'item_updated'].sort()).toEqual([...eventTypes].sort());
  });

  it('have the connection statistics', () => {
    const stats = fixture('stats') as ConnectionStats;
    expect(connectionStats.safeParse(stats)).toEqual({ success: true, data: stats });
  });
});
