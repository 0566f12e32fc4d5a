import { openClient } from '@roomcast/testing';
import { describe, expect, it } from 'vitest';
import { addressKey, type UpgradeRequest } from '../src/index.js';
import { rawServer } from './support/raw-wire.js';

/** The address that a server sees with so many trusted proxies, for each of the headers. */
async function addresses(trustProxy: number, ...headers: string[]): Promise<string[]> {
  const seen: string[] = [];
  const server = await rawServer({
    engine: { trustProxy },
    wire: {
      accept: (request: UpgradeRequest) => {
        seen.push(request.ip);
        return { data: { name: '' } };
      },
    },
  });
  for (const forwarded of headers) await openClient(server.url, { headers: { 'X-Forwarded-For': forwarded } });
  if (headers.length === 0) await openClient(server.url);
  return seen;
}

describe('the address of a client', () => {
  it('is that of its connection while no proxy is trusted, whatever a header claims', async () => {
    expect(await addresses(0)).toEqual(['127.0.0.1']);
    expect(await addresses(0, '192.0.2.9')).toEqual(['127.0.0.1']);
  });

  it('is what the outermost trusted proxy wrote; what stands left of it is the client’s own claim', async () => {
    expect(await addresses(1, '192.0.2.1', '6.6.6.6, 192.0.2.1', ' 192.0.2.1 ')).toEqual(Array(3).fill('192.0.2.1'));
    expect(await addresses(2, '6.6.6.6, 192.0.2.1, 10.0.0.1', '192.0.2.1, 10.0.0.1')).toEqual(
      Array(2).fill('192.0.2.1'),
    );
  });

  it('is the best that is known when there are fewer entries than proxies, or none', async () => {
    expect(await addresses(2, '192.0.2.1')).toEqual(['192.0.2.1']);
    expect(await addresses(1)).toEqual(['127.0.0.1']);
    expect(await addresses(1, '')).toEqual(['127.0.0.1']);
  });
});

describe('a forwarding header that no option speaks of', () => {
  it('is warned of once', async () => {
    const server = await rawServer();
    await openClient(server.url);
    expect(server.logger.lines).toEqual([]);
    for (let times = 0; times < 3; times++) {
      await openClient(server.url, { headers: { 'X-Forwarded-For': '192.0.2.1' } });
    }
    expect(server.logger.lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('trustProxy') }]);
  });

  it('is not warned of where a proxy is trusted', async () => {
    const server = await rawServer({ engine: { trustProxy: 1 } });
    await openClient(server.url, { headers: { 'X-Forwarded-For': '192.0.2.1' } });
    expect(server.logger.lines).toEqual([]);
  });
});

describe('what limits per address count by', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::', '2001:db8:1:2'],
    ['2001:db8::6', '2001:db8:0:0'],
    ['2001:db8:1::2:3:4', '2001:db8:1:0'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2'],
    ['::1', '0:0:0:0'],
    ['2001::2:3:4:5:6:7', '2001:0:2:3'],
    ['::2:3:4:5:6:7:8', '0:2:3:4'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['', ''],
  ])('is for %s: %s', (ip, key) => {
    expect(addressKey(ip)).toBe(key);
  });

  it('is one for all addresses of a network, and another for the next network', () => {
    expect(addressKey('2001:db8:1:2:aaaa::1')).toBe(addressKey('2001:db8:1:2::ffff'));
    expect(addressKey('2001:db8:1:2::1')).not.toBe(addressKey('2001:db8:1:3::1'));
  });

  it('takes no address of a proxy’s spelling for a new one: a port behind it does not count', () => {
    expect(addressKey('192.0.2.1:4711')).toBe('192.0.2.1');
    expect(addressKey('[2001:db8:1:2::1]:4711')).toBe('2001:db8:1:2');
  });
});
