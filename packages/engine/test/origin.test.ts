import { openClient } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import type { OriginPolicy } from '../src/index.js';
import { type RawServer, rawServer } from './support/raw-wire.js';

async function allowed(server: RawServer, origin: string | undefined, host?: string): Promise<boolean> {
  const headers = {
    ...(origin === undefined ? {} : { Origin: origin }),
    ...(host === undefined ? {} : { Host: host }),
  };
  try {
    const client = await openClient(server.url, { headers });
    await client.close();
    return true;
  } catch (error) {
    expect(error).toMatchObject({ status: 403, body: 'Origin not allowed' });
    return false;
  }
}

describe('by default', () => {
  it('only pages of the host and port that is connected to get in, and whoever is no page', async () => {
    const server = await rawServer();
    expect(await allowed(server, undefined)).toBe(true);
    expect(await allowed(server, `http://127.0.0.1:${server.port}`)).toBe(true);
    expect(await allowed(server, `https://127.0.0.1:${server.port}`)).toBe(true);
    for (const origin of [
      'http://127.0.0.1',
      `http://127.0.0.1:${server.port + 1}`,
      `http://localhost:${server.port}`,
      `http://127.0.0.1:${server.port}.evil.example`,
      `ftp://127.0.0.1:${server.port}`,
      'https://evil.example',
      'null',
      'not an origin',
    ]) {
      expect([origin, await allowed(server, origin)]).toEqual([origin, false]);
    }
  });

  it('a default port makes no difference, whichever side spells it out', async () => {
    const server = await rawServer();
    expect(await allowed(server, 'https://chat.example', 'chat.example')).toBe(true);
    expect(await allowed(server, 'https://chat.example', 'chat.example:443')).toBe(true);
    expect(await allowed(server, 'https://chat.example:443', 'chat.example')).toBe(true);
    expect(await allowed(server, 'http://chat.example', 'chat.example:80')).toBe(true);
    expect(await allowed(server, 'http://chat.example', 'chat.example:443')).toBe(false);
    expect(await allowed(server, 'https://CHAT.example', 'chat.EXAMPLE')).toBe(true);
    expect(await allowed(server, 'https://chat.example', 'other.example')).toBe(false);
  });
});

describe('with a list of origins', () => {
  const origins: OriginPolicy = ['https://chat.example', 'https://beta.chat.example:8443'];

  it('these get in, exactly as they are written', async () => {
    const server = await rawServer({ origins });
    expect(await allowed(server, 'https://chat.example')).toBe(true);
    expect(await allowed(server, 'https://beta.chat.example:8443')).toBe(true);
    for (const origin of [
      'http://chat.example',
      'https://chat.example:8443',
      'https://evil-chat.example',
      'https://chat.example.evil.example',
      'https://sub.chat.example',
      `http://127.0.0.1:${server.port}`,
      'same-host',
    ]) {
      expect([origin, await allowed(server, origin)]).toEqual([origin, false]);
    }
    expect(await allowed(server, undefined)).toBe(true);
  });

  it('a refusal is counted, takes no place and is logged with the origin', async () => {
    const server = await rawServer({ origins });
    expect(await allowed(server, 'https://evil.example')).toBe(false);
    expect(server.mount.stats().refused).toEqual({ 403: 1 });
    expect(server.engine.stats().sessions).toBe(0);
    expect(server.logger.lines).toMatchObject([{ level: 'warn', fields: { origin: 'https://evil.example' } }]);
  });
});

describe('with an asterisk', () => {
  it('pages of every origin get in', async () => {
    const server = await rawServer({ origins: '*' });
    for (const origin of ['https://evil.example', 'null']) expect(await allowed(server, origin)).toBe(true);
  });
});
