import { afterEach, describe, expect, it, vi } from 'vitest';
import { parseEndpoint } from '../src/endpoint.js';
import { ClientOptionsError } from '../src/index.js';

afterEach(() => vi.unstubAllGlobals());

describe('the url', () => {
  it.each([
    ['ws://host:4004', 'ws://host:4004/socket'],
    ['ws://host:4004/', 'ws://host:4004/socket'],
    ['ws://host:4004/socket', 'ws://host:4004/socket'],
    ['ws://host:4004/socket/', 'ws://host:4004/socket'],
    ['ws://host:4004/socket/websocket', 'ws://host:4004/socket'],
    ['ws://host:4004/socket/websocket/', 'ws://host:4004/socket'],
    ['http://host:4004', 'ws://host:4004/socket'],
    ['https://host', 'wss://host/socket'],
    ['wss://host/behind/a/proxy', 'wss://host/behind/a/proxy/socket'],
    ['wss://host/behind/socket/websocket#part', 'wss://host/behind/socket'],
  ])('%s is the socket at %s', (url, socketUrl) => {
    expect(parseEndpoint(url)).toEqual({ socketUrl, params: {}, token: undefined });
  });

  it('may carry the token and other parameters; the version is the client’s own', () => {
    expect(parseEndpoint('ws://host/socket/websocket?token=test-token&vsn=1.0.0&client=me')).toEqual({
      socketUrl: 'ws://host/socket',
      params: { client: 'me' },
      token: 'test-token',
    });
  });

  it('may be relative on a page', () => {
    vi.stubGlobal('location', 'https://page.example/maps/');
    expect(parseEndpoint('/socket').socketUrl).toBe('wss://page.example/socket');
  });

  it.each(['', '/socket', 'localhost', 'ftp://host', 'ws://me:secret@host'])('is not %j', (url) => {
    expect(() => parseEndpoint(url)).toThrow(ClientOptionsError);
  });
});
