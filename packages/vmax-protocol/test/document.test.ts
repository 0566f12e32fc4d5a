import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  clientMessages,
  closeReasons,
  defaultMaxSubscriptions,
  encodeServerMessage,
  errorTexts,
  httpErrors,
  isEventType,
  parseClientMessage,
  parseLogin,
  parsePublishEvent,
  parseServerMessage,
  type ServerMessageType,
  type ServerPayloads,
  serverMessageTypes,
} from '../src/index.js';
import { type Example, fixture } from './support/data.js';

const text = (message: Example): string => JSON.stringify(message);

describe('the JSON examples of the document', () => {
  it('are all here', () => {
    expect(fixture('server-messages')).toHaveLength(7);
    expect(fixture('client-messages')).toHaveLength(4);
  });

  it.each(fixture('server-messages'))('reads $type from a server as it was sent', (message) => {
    expect(parseServerMessage(text(message))).toEqual({ ok: true, value: message });
  });

  it.each(fixture('server-messages'))('writes $type in the same words', ({ type, payload, timestamp }) => {
    const written = encodeServerMessage(
      type as ServerMessageType,
      payload as ServerPayloads[ServerMessageType],
      Date.parse(String(timestamp)),
    );
    expect(written).toBe(JSON.stringify({ type, payload, timestamp }));
  });

  it.each(fixture('server-messages').filter(({ type }) => isEventType(type)))(
    'takes $type as a publication and sends its very payload',
    ({ type, payload }) => {
      const fleetId = 'fleet-uuid';
      expect(parsePublishEvent({ fleetId, type, payload })).toEqual({ ok: true, value: { fleetId, type, payload } });
    },
  );

  it.each(fixture('client-messages'))('accepts $type $payload from a client', (message) => {
    expect(parseClientMessage(text(message))).toEqual({ ok: true, message });
    expect(clientMessages[message.type as keyof typeof clientMessages].safeParse(message).success).toBe(true);
  });

  it('understands both sides of the wscat exchange', () => {
    const { sent, received } = fixture<{ sent: Example[]; received: Example[] }>('wscat');
    for (const message of sent) expect(parseClientMessage(text(message))).toMatchObject({ ok: true, message });
    for (const message of received) expect(parseServerMessage(text(message))).toEqual({ ok: true, value: message });
  });

  it('accepts the login of the complete programs', () => {
    const body = fixture<object>('login');
    expect(parseLogin(body)).toEqual({ ok: true, value: body });
  });
});

describe('PROTOCOL.md', () => {
  const specification = readFileSync(new URL('../PROTOCOL.md', import.meta.url), 'utf8');
  const headings = [...specification.matchAll(/^### `(\w+)`$/gm)].map(([, heading]) => heading);

  it('has a section for every message, and for nothing else', () => {
    expect(headings.sort()).toEqual([...Object.keys(clientMessages), ...serverMessageTypes].sort());
  });

  it('has every text of an error', () => {
    const { unknownType, invalidField, tooManySubscriptions, ...plain } = errorTexts;
    const texts = [...Object.values(plain), unknownType('X'), tooManySubscriptions(defaultMaxSubscriptions)];
    for (const text of [...texts, invalidField('payload.channel', '…', '…')]) expect(specification).toContain(text);
  });

  it('has every close and every code of an HTTP error', () => {
    for (const { code, reason } of Object.values(closeReasons)) {
      expect(specification).toMatch(new RegExp(`^\\| ${code} \\| .*\`${reason}\``, 'm'));
    }
    for (const [code, { status }] of Object.entries(httpErrors)) {
      if (code !== 'NOT_FOUND') expect(specification).toContain(`| ${status} | \`${code}\` |`);
    }
  });

  const proofs = [...specification.matchAll(/`(vmax-\w+)\/(test\/[\w.-]+)`: "([^"]+)"/g)];

  it('names what holds each promise', () => {
    expect(proofs.length).toBeGreaterThan(25);
  });

  it.each(proofs.map(([, name, path, title]) => ({ name, path, title })))(
    'names a test that there is: $name/$path "$title"',
    ({ name, path, title }) => {
      const found = ['packages', 'apps']
        .map((folder) => new URL(`../../../${folder}/${name}/${path}`, import.meta.url))
        .find((url) => existsSync(url));
      expect(found, 'the file').toBeDefined();
      expect(readFileSync(found as URL, 'utf8')).toContain(title);
    },
  );
});
