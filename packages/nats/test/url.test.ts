import { describe, expect, it } from 'vitest';
import { subjectOf } from '../src/subjects.js';
import { parseUrl } from '../src/url.js';

describe('a URL', () => {
  it.each([
    ['nats://h', { servers: ['h:4222'], isTls: false, user: undefined, token: undefined, name: 'NATS at h:4222' }],
    ['nats://u:p%40@h:1/', { servers: ['h:1'], user: 'u', password: 'p@', token: undefined }],
    ['nats://s3cret@h', { user: undefined, token: 's3cret' }],
    ['tls://a,b:2,[::1]:3', { servers: ['a:4222', 'b:2', '[::1]:3'], isTls: true }],
  ])('%s is understood', (url, expected) => {
    expect(parseUrl(url)).toMatchObject(expected);
  });

  it.each([
    '',
    'h:4222',
    'http://u:hunter2@h',
    'nats://',
    'nats://u:hunter2@',
    'nats://u:hunter2@h:0',
    'nats://u:hunter2@h:x',
    'nats://u:hunter2@h/path',
    'nats://u:hunter2%@h',
    'nats://u:hunter2@a,',
  ])('%s is refused by the name of the option, and not quoted', (url) => {
    const refused = () => parseUrl(url);
    expect(refused).toThrow(expect.objectContaining({ name: 'EngineOptionsError', option: 'url' }));
    expect(refused).not.toThrow(/hunter2/);
  });
});

describe('the subject of a topic', () => {
  it.each([
    ['roomcast.killmails.publish', 'roomcast.killmails.publish'],
    ['roomcast.$cluster.7f3e-1_x', 'roomcast.$cluster.7f3e-1_x'],
    ['a b', 'a%20b'],
    ['a*b.>', 'a%2Ab.%3E'],
    ['100%', '100%25'],
    ['.a', '%2Ea'],
    ['a.', 'a%2E'],
    ['a..b', 'a%2E.b'],
    ['a...', 'a%2E%2E%2E'],
    ['.', '%2E'],
    ['é', '%C3%A9'],
  ])('of %j is %s', (topic, subject) => {
    expect(subjectOf(topic)).toBe(subject);
  });

  it.each(['', 'x'.repeat(1001), ' '.repeat(400)])('is a hash where it would be none, or too long', (topic) => {
    expect(subjectOf(topic)).toMatch(/^roomcast\.%long\.[0-9a-f]{64}$/);
    expect(subjectOf(topic)).not.toBe(subjectOf(`${topic}x`));
  });
});
