import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ClientMessage, ForeignTopic } from '../src/client-message.js';
import { decodeEither, serializerOf } from '../src/dialects.js';
import { MalformedFrameError, UnencodableError } from '../src/errors.js';
import { EncodedJson } from '../src/payload.js';
import { noRef, refOf } from '../src/ref.js';
import { serializerV1 } from '../src/serializer-v1.js';
import { serializerV2 } from '../src/serializer-v2.js';

const runs = { numRuns: 300 };
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as unknown);
const ref = fc.oneof(fc.constant(null), fc.string(), fc.integer(), json);
const topic = fc.oneof(fc.string(), fc.constantFrom('room:1', 'phoenix'), json);
const event = fc.oneof(fc.string(), fc.constantFrom('phx_join', 'phx_leave', 'heartbeat'), json);
const short = fc.string({ unit: 'binary', maxLength: 60 });

/** The payload of an unmasked WebSocket frame, and whether it is text. */
function unframed(frame: Buffer): { text: boolean; payload: Buffer } {
  const length = (frame[1] as number) & 0x7f;
  return { text: (frame[0] as number) === 0x81, payload: frame.subarray(length === 126 ? 4 : length === 127 ? 10 : 2) };
}

function parsed(frame: Buffer): unknown {
  const { text, payload } = unframed(frame);
  expect(text).toBe(true);
  return JSON.parse(payload.toString());
}

/** What a message says, in the words of the wire. */
function fields(message: ClientMessage): unknown {
  if (message.kind === 'heartbeat') return { topic: 'phoenix', event: 'heartbeat', ref: JSON.parse(message.ref) };
  const { topic } = message;
  return {
    joinRef: JSON.parse(message.joinRef),
    ref: JSON.parse(message.ref),
    topic: topic instanceof ForeignTopic ? JSON.parse(topic.json) : topic,
    event: message.kind === 'event' ? message.event : `phx_${message.kind}`,
    ...('payload' in message && { payload: message.payload }),
  };
}

function expected(joinRef: unknown, ref: unknown, topic: unknown, event: unknown, payload: unknown): unknown {
  if (topic === 'phoenix' && event === 'heartbeat') return { topic, event, ref };
  return {
    joinRef,
    ref,
    topic,
    event: typeof event === 'string' ? event : null,
    ...(event !== 'phx_leave' && { payload }),
  };
}

describe('decoding', () => {
  it('reads what a client of V2 writes', () => {
    fc.assert(
      fc.property(ref, ref, topic, event, json, (...message) => {
        expect(fields(serializerV2.decode(JSON.stringify(message)))).toEqual(expected(...message));
      }),
      runs,
    );
  });

  it('reads what a client of V1 writes, as text and as bytes', () => {
    fc.assert(
      fc.property(ref, ref, topic, event, json, (join_ref, ref, topic, event, payload) => {
        const text = JSON.stringify({ topic, event, payload, ref, join_ref });
        const fieldsOfIt = expected(join_ref, ref, topic, event, payload);
        expect(fields(serializerV1.decode(text))).toEqual(fieldsOfIt);
        expect(fields(serializerV1.decode(Buffer.from(text)))).toEqual(fieldsOfIt);
      }),
      runs,
    );
  });

  it('reads the binary pushes of a client of V2', () => {
    fc.assert(
      fc.property(short, short, short, short, fc.uint8Array(), (...[joinRef, ref, topic, event, data]) => {
        const parts = [joinRef, ref, topic, event].map((part) => Buffer.from(part));
        fc.pre(parts.every(({ length }) => length < 256));
        const frame = Buffer.concat([Buffer.from([0, ...parts.map(({ length }) => length)]), ...parts, data]);
        const texts = parts.map(String) as [string, string, string, string];
        expect(fields(serializerV2.decode(frame))).toEqual(expected(...texts, Buffer.from(data)));
      }),
      runs,
    );
  });

  it('tells the forms apart', () => {
    fc.assert(
      fc.property(ref, ref, topic, event, json, (joinRef, ref, topic, event, payload) => {
        const array = JSON.stringify([joinRef, ref, topic, event, payload]);
        const object = JSON.stringify({ topic, event, payload, ref, join_ref: joinRef });
        expect(decodeEither(array)).toEqual({ dialect: 'v2', message: serializerV2.decode(array) });
        expect(decodeEither(object)).toEqual({ dialect: 'v1', message: serializerV1.decode(object) });
      }),
      runs,
    );
  });

  const nearly = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc.array(json, { maxLength: 7 }).map((value) => JSON.stringify(value)),
    fc
      .dictionary(fc.constantFrom('topic', 'event', 'payload', 'ref', 'join_ref'), json)
      .map((value) => JSON.stringify(value)),
    fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    fc.uint8Array({ max: 9 }).map((bytes) => Buffer.from([0, ...bytes])),
  );

  it.each([
    ['V1', serializerV1.decode],
    ['V2', serializerV2.decode],
    ['either', decodeEither],
  ])('refuses everything else with its own error (%s)', (_name, decode) => {
    fc.assert(
      fc.property(nearly, (message) => {
        try {
          decode(message);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedFrameError);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('refuses a binary push that ends before its fields do', () => {
    const whole = Buffer.from('\x00\x01\x01\x06\x0412room:1echo', 'latin1');
    expect(fields(serializerV2.decode(whole))).toEqual(expected('1', '2', 'room:1', 'echo', Buffer.of()));
    for (let length = 0; length < whole.length; length++) {
      expect(() => serializerV2.decode(whole.subarray(0, length))).toThrow(MalformedFrameError);
    }
  });

  it('refuses what is nested too deeply to be written back', () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    expect(() => serializerV2.decode(`[null,${deep},"t","e",{}]`)).toThrow(MalformedFrameError);
    expect(() => serializerV2.decode(`[null,"1",${deep},"e",{}]`)).toThrow(MalformedFrameError);
  });
});

describe('encoding', () => {
  const status = fc.oneof(fc.constantFrom('ok', 'error'), fc.string());

  it('writes replies that read back as they were', () => {
    fc.assert(
      fc.property(ref, ref, topic, status, json, (joinRef, ref, topic, status, response) => {
        const reply = { joinRef: refOf(joinRef), ref: refOf(ref), topic: JSON.stringify(topic), status, response };
        const payload = { response, status };
        expect(parsed(serializerV2.reply(reply))).toEqual([joinRef, ref, topic, 'phx_reply', payload]);
        expect(parsed(serializerV1.reply(reply))).toEqual({ event: 'phx_reply', payload, ref, topic });
      }),
      runs,
    );
  });

  it('writes events that read back as they were, also from JSON', () => {
    fc.assert(
      fc.property(ref, fc.string(), fc.string(), json, (joinRef, topic, event, payload) => {
        const base = { joinRef: refOf(joinRef), ref: noRef, topic: JSON.stringify(topic), event };
        for (const given of [payload, EncodedJson.of(payload)]) {
          expect(parsed(serializerV2.event({ ...base, payload: given }))).toEqual([
            joinRef,
            null,
            topic,
            event,
            payload,
          ]);
          expect(parsed(serializerV1.event({ ...base, payload: given }))).toEqual({ event, payload, ref: null, topic });
        }
      }),
      runs,
    );
  });

  it('writes binary replies, pushes and broadcasts', () => {
    fc.assert(
      fc.property(short, short, short, short, fc.uint8Array(), (joinRef, ref, topic, name, data) => {
        const texts = [joinRef, ref, topic, name].map((text) => Buffer.from(text).toString());
        const [j, r, t, n] = texts as [string, string, string, string];
        const base = { joinRef: refOf(j), ref: refOf(r), topic: JSON.stringify(t) };
        const reply = serializerV2.reply({ ...base, status: n, response: data });
        expect(readBinary(reply)).toEqual({ kind: 1, fields: [j, r, t, n], data: Buffer.from(data) });
        const push = serializerV2.event({ ...base, ref: noRef, event: n, payload: data });
        expect(readBinary(push)).toEqual(
          j === ''
            ? { kind: 2, fields: [t, n], data: Buffer.from(data) }
            : { kind: 0, fields: [j, t, n], data: Buffer.from(data) },
        );
      }),
      runs,
    );
  });

  it('refuses bytes for V1, and binary frames with fields over 255 bytes or refs that are no scalars', () => {
    const base = { joinRef: '"1"', ref: '"2"', topic: '"t"', status: 'ok', event: 'e' };
    const data = Buffer.of(1);
    expect(() => serializerV1.reply({ ...base, response: data })).toThrow(UnencodableError);
    expect(() => serializerV1.event({ ...base, payload: data })).toThrow(UnencodableError);
    expect(() => serializerV2.reply({ ...base, status: 'é'.repeat(128), response: data })).toThrow(UnencodableError);
    expect(() => serializerV2.reply({ ...base, ref: '{"a":1}', response: data })).toThrow(UnencodableError);
    expect(readBinary(serializerV2.reply({ ...base, joinRef: '1.5', ref: 'true', response: data })).fields).toEqual([
      '1.5',
      'true',
      't',
      'ok',
    ]);
  });

  it('keeps the order of the original and adds no white space', () => {
    const base = { joinRef: '"1"', ref: '2', topic: '"t"', status: 'ok', event: 'e' };
    const text = (frame: Buffer) => unframed(frame).payload.toString();
    expect(text(serializerOf('v2').reply({ ...base, response: {} }))).toBe(
      '["1",2,"t","phx_reply",{"response":{},"status":"ok"}]',
    );
    expect(text(serializerOf('v1').reply({ ...base, response: {} }))).toBe(
      '{"event":"phx_reply","payload":{"response":{},"status":"ok"},"ref":2,"topic":"t"}',
    );
    expect(text(serializerOf('v2').event({ ...base, payload: undefined }))).toBe('["1",2,"t","e",{}]');
    expect(text(serializerOf('v1').event({ ...base, payload: undefined }))).toBe(
      '{"event":"e","payload":{},"ref":2,"topic":"t"}',
    );
  });
});

function readBinary(frame: Buffer): { kind: number; fields: string[]; data: Buffer } {
  const { text, payload } = unframed(frame);
  expect(text).toBe(false);
  const kind = payload[0] as number;
  const count = ({ 0: 3, 1: 4, 2: 2 } as Record<number, number>)[kind] as number;
  let at = 1 + count;
  const fields = [...payload.subarray(1, at)].map((length) => {
    at += length;
    return payload.subarray(at - length, at).toString();
  });
  return { kind, fields, data: payload.subarray(at) };
}
