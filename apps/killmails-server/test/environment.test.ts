import { EnvironmentError } from '@roomcast/server';
import { describe, expect, test } from 'vitest';
import { readKillmailsEnvironment } from '../src/environment.js';

const tokens = { KILLMAILS_TOKENS: 'first-token, second-token' };

test('the defaults', () => {
  expect(readKillmailsEnvironment(tokens)).toMatchObject({
    HOST: '127.0.0.1',
    PORT: 4004,
    KILLMAILS_TOKENS: ['first-token', 'second-token'],
    KILLMAILS_ANONYMOUS: false,
    KILLMAILS_UPSTREAM: undefined,
    R2Z2_URL: 'https://r2z2.zkillboard.com',
    ESI_URL: 'https://esi.evetech.net',
    USER_AGENT: expect.stringContaining('Roomcast'),
    MAX_SYSTEMS: 100,
    COUNT_WINDOW_HOURS: 24,
    STATE_DIR: '.roomcast',
  });
});

test('tokens may be missing in a demonstration only', () => {
  expect(readKillmailsEnvironment({ DEMO: '1' }).KILLMAILS_TOKENS).toBeUndefined();
  expect(() => readKillmailsEnvironment({})).toThrow(/^KILLMAILS_TOKENS: expected .*got nothing$/);
});

describe('refused, by name and without showing a token', () => {
  test.each([
    ['KILLMAILS_TOKENS', 'a-good-token,short-1'],
    ['KILLMAILS_TOKENS', 'has a space in it'],
    ['KILLMAILS_TOKENS', ','],
    ['KILLMAILS_UPSTREAM', 'redisq'],
    ['KILLMAILS_ANONYMOUS', 'yes'],
    ['R2Z2_URL', 'r2z2.zkillboard.com'],
    ['R2Z2_URL', 'file:///etc/passwd'],
    ['ESI_URL', 'x'],
    ['USER_AGENT', 'two\nlines'],
    ['USER_AGENT', 'x'.repeat(257)],
    ['MAX_SYSTEMS', '0'],
    ['MAX_SYSTEMS', '1.5'],
    ['COUNT_WINDOW_HOURS', '0'],
    ['COUNT_WINDOW_HOURS', '100000'],
  ])('%s=%j', (name, value) => {
    const read = () => readKillmailsEnvironment({ ...tokens, [name]: value });
    expect(read).toThrow(EnvironmentError);
    expect(read).toThrow(new RegExp(`^${name}: expected [^\n]*$`));
    if (name === 'KILLMAILS_TOKENS' && value.length > 1) expect(read).not.toThrow(value);
  });
});
