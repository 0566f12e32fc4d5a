import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { parseEndpoint } from '../src/endpoint.js';
import { createVmaxClient, type VmaxClientOptions, vmaxClientDefaults } from '../src/index.js';

describe('a url', () => {
  it.each([
    ['ws://localhost:8080', 'ws://localhost:8080/ws', 'http://localhost:8080'],
    ['ws://localhost:8080/', 'ws://localhost:8080/ws', 'http://localhost:8080'],
    ['ws://localhost:8080/ws', 'ws://localhost:8080/ws', 'http://localhost:8080'],
    ['http://localhost:8080/ws/', 'ws://localhost:8080/ws', 'http://localhost:8080'],
    ['https://vmax.example', 'wss://vmax.example/ws', 'https://vmax.example'],
    ['wss://vmax.example/base/ws?region=eu', 'wss://vmax.example/base/ws?region=eu', 'https://vmax.example/base'],
  ])('%s leads to %s and %s', (url, socketUrl, apiUrl) => {
    expect(parseEndpoint(url)).toEqual({ socketUrl, apiUrl, token: undefined });
  });

  it('may carry the token', () => {
    expect(parseEndpoint('ws://localhost/ws?token=abc&x=1')).toEqual({
      socketUrl: 'ws://localhost/ws?x=1',
      apiUrl: 'http://localhost',
      token: 'abc',
    });
  });
});

describe('options', () => {
  const login = { email: 'a@example.com', password: 'secret-password' };

  it.each<[string, Partial<VmaxClientOptions>]>([
    ['url', { url: 'localhost', token: 'a' }],
    ['url', { url: 'ftp://localhost', token: 'a' }],
    ['url', { url: 'ws://user:secret-password@localhost', token: 'a' }],
    ['token', {}],
    ['token', { token: '' }],
    ['token', { url: 'ws://localhost?token=secret-password', token: 'a' }],
    ['login', { token: 'a', login }],
    ['login', { url: 'ws://localhost?token=secret-password', login }],
    ['login', { login: { ...login, email: '' } }],
    ['apiUrl', { login, apiUrl: 'ws://localhost' }],
    ['apiUrl', { login, apiUrl: 'nothing' }],
    ['baseMs', { token: 'a', baseMs: 40_000 }],
    ['requestTimeoutMs', { token: 'a', requestTimeoutMs: 0 }],
    ['heartbeatTimeoutMs', { token: 'a', heartbeatTimeoutMs: -1 }],
  ])('that contradict or make no sense are refused as %s', (option, options) => {
    let error: unknown;
    try {
      createVmaxClient({ url: 'ws://localhost', ...options });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toMatchObject({ name: 'ClientOptionsError', option });
    expect(inspect(error)).not.toContain('secret-password');
  });

  it('have defaults that cannot be changed', () => {
    expect(vmaxClientDefaults).toMatchObject({ heartbeatIntervalMs: 25_000, baseMs: 500, capMs: 30_000 });
    expect(Object.isFrozen(vmaxClientDefaults)).toBe(true);
  });
});
