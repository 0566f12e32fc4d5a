import { afterEach, describe, expect, test, vi } from 'vitest';
import { tokenProblem } from '../../src/connection/diagnose.js';
import { type Problem, sentenceOf } from '../../src/connection/problem.js';
import { expiryOf } from '../../src/connection/token-times.js';
import { catalogue } from '../../src/services/catalogue.js';
import { httpBaseOf } from '../../src/services/http-base.js';
import { parseMetrics } from '../../src/services/metrics.js';
import { VitalsReader } from '../../src/views/operations/vitals.js';

afterEach(() => vi.unstubAllGlobals());

describe('where the HTTP side is', () => {
  test.each([
    ['ws://localhost:8080/ws', 'http://localhost:8080'],
    ['wss://example.com/api/v1/ws', 'https://example.com'],
    ['ws://localhost:4004/socket/websocket', 'http://localhost:4004'],
    ['ws://localhost:4004', 'http://localhost:4004'],
    ['wss://example.com/live/websocket/connect', 'https://example.com/live'],
    ['http://localhost:3001/', 'http://localhost:3001'],
    ['ftp://localhost', undefined],
    ['localhost', undefined],
    ['', undefined],
  ])('%s → %s', (url, base) => {
    expect(httpBaseOf(url)).toBe(base);
  });
});

test('metrics are summed over their labels', () => {
  const text = '# HELP a b\na{mount="x",code="1"} 2\na{mount="y"} 3.5\nb 1e3\n\nnonsense\n';
  expect([...parseMetrics(text)]).toEqual([
    ['a', 5.5],
    ['b', 1000],
  ]);
});

test('figures come with the metrics token; where they are refused there are none, and why is said', async () => {
  vi.stubGlobal('fetch', async (url: string, { headers }: RequestInit) => {
    if (url.endsWith('/readyz')) return Response.json({ status: 'ok', parts: { bus: 'ok' } });
    const isAllowed = new Headers(headers).get('authorization') === 'Bearer the-metrics-token';
    return isAllowed ? new Response('roomcast_connections 7\n') : new Response('', { status: 401 });
  });
  const reader = new VitalsReader();
  const refused = await reader.read('http://localhost:1', '');
  expect([refused.health, refused.figures]).toEqual(['ready', undefined]);
  expect(refused.troubles).toEqual([expect.stringContaining('METRICS_TOKEN')]);
  const told = await reader.read('http://localhost:1', 'the-metrics-token');
  expect([told.troubles, told.figures?.connections]).toEqual([[], 7]);
});

const token = (claims: object) => `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.sig`;

test('a token says when it expires, where it is one that does', () => {
  expect(expiryOf(token({ exp: 1_800_000_000, name: '\u00fc?>' }))).toBe(1_800_000_000_000);
  expect([expiryOf(token({})), expiryOf('test-token'), expiryOf('a.b.c'), expiryOf('')]).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('a refused token is called expired where it is', () => {
  const expired = token({ exp: 1000 });
  expect(tokenProblem(expired, 2_000_000)).toEqual({ kind: 'token-expired', at: 1_000_000 });
  expect(tokenProblem(expired, 500_000)).toEqual({ kind: 'token-refused', hasToken: true });
  expect(tokenProblem('', 0)).toEqual({ kind: 'token-refused', hasToken: false });
});

test('every problem is one sentence that says what to do', () => {
  const problems: Problem[] = [
    { kind: 'no-url' },
    { kind: 'bad-url', expected: 'expected a ws URL' },
    { kind: 'unreachable', where: 'http://localhost:1' },
    { kind: 'insecure' },
    { kind: 'origin', where: 'http://localhost:1', origin: 'http://localhost:4000' },
    { kind: 'other-service', where: 'http://localhost:1', found: 'raffle' },
    { kind: 'other-service', where: 'http://localhost:1', found: undefined },
    { kind: 'token-refused', hasToken: true },
    { kind: 'token-refused', hasToken: false },
    { kind: 'token-expired', at: 1_800_000_000_000 },
    { kind: 'token-expired', at: undefined },
    { kind: 'busy', where: 'http://localhost:1' },
  ];
  const sentences = problems.map((problem) => sentenceOf(problem, catalogue, 'vmax'));
  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z]?.+[:,] .+\.$/);
  expect(new Set(sentences).size).toBe(problems.length);
  expect(sentences[5]).toContain('is a Raffle server, not VMAX');
});
