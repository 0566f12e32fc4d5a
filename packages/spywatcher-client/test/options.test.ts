import { expect, it, onTestFinished } from 'vitest';
import {
  ClientOptionsError,
  createSpywatcherClient,
  type SpywatcherClientOptions,
  spywatcherClientDefaults,
} from '../src/index.js';

const url = 'http://127.0.0.1:1';

it.each<[Partial<SpywatcherClientOptions>, string, RegExp]>([
  [{ url: 'nonsense' }, 'url', /such as http:\/\/localhost:3001, got "nonsense"/],
  [{ url: 'ftp://host' }, 'url', /got ftp:/],
  [{ url: 'http://user:word@host' }, 'url', /without user and password/],
  [{ url: 'http://host/admin' }, 'url', /option path/],
  [{ url: 'http://host?token=1' }, 'url', /without path and query/],
  [{ transports: [] }, 'transports', /websocket, polling or both/],
  [{ transports: ['webtransport' as 'websocket'] }, 'transports', /got webtransport/],
  [{ transports: 'websocket' as never }, 'transports', /a list/],
  [{ path: 'socket.io' }, 'path', /such as \/socket.io/],
  [{ reconnectionDelay: 0 }, 'reconnectionDelay', /more than 0/],
  [{ reconnectionDelay: 6000 }, 'reconnectionDelay', /at most reconnectionDelayMax \(5000\), got 6000/],
  [{ reconnectionDelayMax: Number.NaN }, 'reconnectionDelayMax', /more than 0/],
  [{ connectTimeoutMs: 2 ** 31 }, 'connectTimeoutMs', /at most/],
  [{ minUptimeMs: -1 }, 'minUptimeMs', /more than 0/],
  [{ answerTimeoutMs: 0 }, 'answerTimeoutMs', /more than 0/],
  [{ maxEventsPerSecond: 0 }, 'maxEventsPerSecond', /more than 0/],
])('%o is refused by its name', (options, option, told) => {
  const attempt = () => createSpywatcherClient({ url, ...options });
  expect(attempt).toThrow(ClientOptionsError);
  expect(attempt).toThrow(told);
  expect(attempt).toThrow(`option ${option}: `);
});

it.each(['ws://127.0.0.1:1', 'wss://127.0.0.1:1', 'https://127.0.0.1:1/', url])('%s is a URL', async (given) => {
  const client = createSpywatcherClient({ url: given, transports: undefined as never });
  await client.close();
});

it('a relative URL is one on a page', async () => {
  Reflect.set(globalThis, 'location', new URL('https://page.example/dashboard?x=1'));
  onTestFinished(() => void Reflect.deleteProperty(globalThis, 'location'));
  await createSpywatcherClient({ url: '/' }).close();
});

it("the defaults are the document's, and cannot be changed", () => {
  expect(spywatcherClientDefaults).toMatchObject({
    transports: ['websocket', 'polling'],
    reconnection: true,
    reconnectionDelay: 1000,
    reconnectionDelayMax: 5000,
    path: '/socket.io',
  });
  expect(Object.isFrozen(spywatcherClientDefaults) && Object.isFrozen(spywatcherClientDefaults.transports)).toBe(true);
});
