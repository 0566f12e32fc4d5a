import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createKillmailsClient, type KillmailsClientOptions, killmailsClientDefaults } from '../src/index.js';

describe('the options', () => {
  it.each<[string, Partial<KillmailsClientOptions>]>([
    ['url', { url: 'somewhere' }],
    ['url', { url: 5 as never }],
    ['systems', { systems: [0] }],
    ['systems', { systems: '30000142' as never }],
    ['characterIds', { characterIds: [1.5] }],
    ['preload.limitPerSystem', { preload: { limitPerSystem: 201 } }],
    ['preload.sinceHours', { preload: { sinceHours: -1 } }],
    ['requestTimeoutMs', { requestTimeoutMs: 0 }],
    ['connectTimeoutMs', { connectTimeoutMs: Number.NaN }],
    ['heartbeatIntervalMs', { heartbeatIntervalMs: '30' as never }],
    ['bufferSize', { bufferSize: 1.5 }],
    ['baseMs', { baseMs: 100, capMs: 50 }],
    ['token', { url: 'ws://localhost?token=one-token', token: 'another-token' }],
  ])('refuse what cannot work, by the name %s', (option, given) => {
    expect(() => createKillmailsClient({ url: 'ws://localhost:1', ...given })).toThrow(
      expect.objectContaining({ name: 'ClientOptionsError', option }),
    );
  });

  it('have frozen defaults', () => {
    expect(Object.isFrozen(killmailsClientDefaults)).toBe(true);
    expect(killmailsClientDefaults.heartbeatIntervalMs).toBeLessThan(45_000);
  });
});

describe('a browser', () => {
  it('is never given ws: no file imports it, and client-core keeps it for Node', () => {
    const source = new URL('../src/', import.meta.url);
    const importing = readdirSync(source).filter((file) =>
      /from 'ws'/.test(readFileSync(new URL(file, source), 'utf8')),
    );
    expect(importing).toEqual([]);
  });
});
