import { describe, expect, it } from 'vitest';
import {
  ClientClosedError,
  ClientError,
  ClientOptionsError,
  ConnectionLostError,
  ConnectionRefusedError,
  describeClose,
  ProtocolError,
  provide,
  RequestRejectedError,
  shouldReconnect,
  TimeoutError,
} from '../src/index.js';

describe('errors', () => {
  const cause = new Error('underneath');
  const situations: Record<string, ClientError> = {
    ConnectionRefusedError: new ConnectionRefusedError('refused', { status: 403, cause }),
    ConnectionLostError: new ConnectionLostError(1012, 'service restart', 'lost', { cause }),
    TimeoutError: new TimeoutError('get_status', 10_000, { cause }),
    RequestRejectedError: new RequestRejectedError('subscribe_systems', 'Invalid system IDs', { cause }),
    ProtocolError: new ProtocolError('killmail_update', [{ path: 'system_id', message: 'expected a number' }], {
      cause,
    }),
    ClientClosedError: new ClientClosedError({ cause }),
    ClientOptionsError: new ClientOptionsError('url', 'expected a URL, got 5', { cause }),
  };

  it.each(Object.entries(situations))(
    '%s says its name, in itself and in its text, and keeps its cause',
    (name, error) => {
      expect(error).toBeInstanceOf(ClientError);
      expect(error.name).toBe(name);
      expect(String(error)).toMatch(new RegExp(`^${name}: .`));
      expect(error.cause).toBe(cause);
    },
  );

  it('carry their data in fields', () => {
    expect(situations.ConnectionRefusedError).toMatchObject({ status: 403 });
    expect(situations.ConnectionLostError).toMatchObject({ code: 1012, reason: 'service restart' });
    expect(situations.TimeoutError).toMatchObject({ operation: 'get_status', timeoutMs: 10_000 });
    expect(situations.RequestRejectedError).toMatchObject({ reason: 'Invalid system IDs' });
    expect(situations.ProtocolError).toMatchObject({ event: 'killmail_update', issues: [{ path: 'system_id' }] });
    expect(situations.ClientOptionsError).toMatchObject({
      option: 'url',
      message: 'option url: expected a URL, got 5',
    });
  });
});

describe('close codes', () => {
  it.each([1000, 1001, 1002, 1005, 1006, 1008, 1009, 1011, 1012, 1013, 1014, 4000, 4999])(
    '%d is no reason to stay away',
    (code) => {
      expect(shouldReconnect(code)).toBe(true);
    },
  );

  it.each([1003, 1007, 1010])('%d would only happen again', (code) => {
    expect(shouldReconnect(code)).toBe(false);
  });

  it('have words', () => {
    expect(describeClose(1012)).toBe('1012 (service restart)');
    expect(describeClose(4321)).toBe('4321');
  });
});

describe('a provider', () => {
  it('is a value, a function, or a function with a promise', async () => {
    expect(await provide('a')).toBe('a');
    expect(await provide(() => 'b')).toBe('b');
    expect(await provide(async () => 'c')).toBe('c');
  });

  it('is read anew each time', async () => {
    let n = 0;
    const counting = () => `token ${++n}`;
    expect([await provide(counting), await provide(counting)]).toEqual(['token 1', 'token 2']);
  });

  it('that throws gives a rejected promise', async () => {
    const failing = (): string => {
      throw new Error('no token');
    };
    await expect(provide(failing)).rejects.toThrow('no token');
  });
});
