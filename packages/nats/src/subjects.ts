import { createHash } from 'node:crypto';

/** Longer subjects would soon end the connection: a line of the protocol has 4096 bytes by default. */
const maxLength = 1000;

/**
 * The subject of a topic: the topic itself where it is made of letters, digits, `_`, `$` and `-` with single dots between,
 * else with what NATS gives a meaning or forbids as %XX. A very long one is represented by its hash.
 */
export function subjectOf(topic: string): string {
  const subject = topic.replace(/[^\w$.-]/gu, percent).replace(/^\.|\.(?=\.|$)/g, '%2E');
  if (subject !== '' && subject.length <= maxLength) return subject;
  return `roomcast.%long.${createHash('sha256').update(topic).digest('hex')}`;
}

function percent(character: string): string {
  const bytes = Buffer.from(character);
  return [...bytes].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
