import { describe, expect, it } from 'vitest';
import {
  killmailsTopic,
  maxSystemId,
  parseClientMessage,
  parseKillCountUpdate,
  parseKillmail,
  parseKillmailUpdate,
  serverEvents,
} from '../src/index.js';
import { fixture } from './support/data.js';

interface Sent {
  event: string;
  payload: unknown;
}

describe('the JSON examples of the document', () => {
  it.each(fixture('client-messages') as Sent[])('accepts $event $payload', ({ event, payload }) => {
    expect(parseClientMessage(event, payload)).toMatchObject({ ok: true, message: { event, ...(payload as object) } });
  });

  it('accepts the join frame that is to be pasted into wscat', () => {
    const frame = fixture('join-frame') as Sent & { topic: string };
    expect(frame.topic).toBe(killmailsTopic);
    expect(parseClientMessage(frame.event, frame.payload)).toMatchObject({ ok: true, message: { systems: [] } });
  });

  it('reads the killmail_update payload', () => {
    const payload = fixture('killmail-update');
    expect(serverEvents.killmail_update.safeParse(payload)).toMatchObject({ success: true, data: payload });
    const parsed = parseKillmailUpdate(payload);
    expect(parsed).toMatchObject({ ok: true, value: { update: payload, leftOut: [] } });
    expect(parsed).toMatchObject({ ok: true, value: { update: { preload: false } } });
  });

  it('takes the killmail of the killmail_update payload as a publication', () => {
    const { killmails } = fixture('killmail-update') as { killmails: unknown[] };
    expect(parseKillmail(killmails[0])).toMatchObject({ ok: true, value: { form: 'documented', body: killmails[0] } });
  });

  it('reads the kill_count_update payload', () => {
    const payload = fixture('kill-count-update');
    expect(parseKillCountUpdate(payload)).toEqual({ ok: true, value: payload });
  });

  it('knows that the webhook body of old is no client message and no killmail', () => {
    const body = fixture('webhook-subscribe');
    expect(parseClientMessage('subscribe_systems', body)).toMatchObject({ ok: false });
    expect(parseKillmail(body)).toMatchObject({ ok: false });
  });

  it('accepts each of the popular systems', () => {
    for (const { id } of fixture('popular-systems') as { id: number }[]) {
      expect(id).toBeLessThanOrEqual(maxSystemId);
      expect(parseClientMessage('subscribe_systems', { systems: [id] })).toMatchObject({ ok: true });
    }
  });
});
