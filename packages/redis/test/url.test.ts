import { describe, expect, it } from 'vitest';
import { slotOf } from '../src/slots.js';
import { parseUrl } from '../src/url.js';

describe('a URL', () => {
  it.each([
    [
      'redis://h',
      { kind: 'single', addresses: [{ host: 'h', port: 6379 }], isTls: false, database: 0, name: 'Redis at h:6379' },
    ],
    ['redis://h:1/7', { addresses: [{ host: 'h', port: 1 }], database: 7 }],
    ['redis://h/', { database: 0, username: undefined, password: undefined }],
    ['rediss://u:p%40%3A@h', { isTls: true, username: 'u', password: 'p@:', name: 'Redis at h:6379' }],
    ['redis://:secret@h', { username: undefined, password: 'secret' }],
    ['redis://[::1]:7', { addresses: [{ host: '::1', port: 7 }] }],
    [
      'redis+cluster://u:p@a,b:2',
      {
        kind: 'cluster',
        addresses: [
          { host: 'a', port: 6379 },
          { host: 'b', port: 2 },
        ],
      },
    ],
    ['rediss+cluster://a', { kind: 'cluster', isTls: true, name: 'Redis cluster at a:6379' }],
    ['redis+sentinel://:p@a,b:2/main', { kind: 'sentinel', masterName: 'main', database: 0, password: 'p' }],
    ['rediss+sentinel://a/my%20main/3', { kind: 'sentinel', isTls: true, masterName: 'my main', database: 3 }],
    ['redis+sentinel://a/main', { addresses: [{ host: 'a', port: 26_379 }] }],
  ])('%s is understood', (url, expected) => {
    expect(parseUrl(url)).toMatchObject(expected);
  });

  it.each([
    '',
    'redis',
    'http://hunter2@h',
    'REDIS://h',
    'redis://',
    'redis://u:hunter2@',
    'redis://u:hunter2@h:0',
    'redis://u:hunter2@h:65536',
    'redis://u:hunter2@h:port',
    'redis://u:hunter2@h/x',
    'redis://u:hunter2@h/1/2',
    'redis://u:hunter2@a,b',
    'redis://u:hunter2@h?x=1',
    'redis://u:hunter2%@h',
    'redis://u:hunter2/x@h',
    'redis+cluster://u:hunter2@h/1',
    'redis+cluster://u:hunter2@,',
    'redis+sentinel://u:hunter2@h',
    'constructor://hunter2@h',
  ])('%s is refused by the name of the option, and not quoted', (url) => {
    const refused = () => parseUrl(url);
    expect(refused).toThrow(expect.objectContaining({ name: 'EngineOptionsError', option: 'url' }));
    expect(refused).not.toThrow(/hunter2/);
  });
});

describe('the slot of a name', () => {
  it.each([
    ['123456789', 0x31c3],
    ['', 0],
    ['foo', 12_182],
    ['{foo}bar', 12_182],
    ['a{foo}{b}', 12_182],
    ['foo{}{bar}', slotOf('foo{}{bar}')],
  ])('of %j is %i', (name, slot) => {
    expect(slotOf(name)).toBe(slot);
  });

  it('takes what stands in braces only where something does', () => {
    expect(slotOf('foo{}{bar}')).not.toBe(slotOf('bar'));
    expect(slotOf('{foo')).not.toBe(slotOf('foo'));
  });
});
