import { renameSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import {
  type DirectoryUrlOptions,
  directoryFile,
  directoryFrom,
  directoryUrl,
  EnvironmentError,
} from '@roomcast/server';
import { eventually, listen, ManualClock, RecordingLogger } from '@roomcast/testing';
import { describe, expect, onTestFinished, test } from 'vitest';
import * as z from 'zod';
import { temporaryFolder } from './support/files.js';

describe('a file', () => {
  const schema = z.object({ fleets: z.record(z.string(), z.string()) });

  function start(content: unknown) {
    const path = join(temporaryFolder(), 'directory.json');
    const write = (text: string) => {
      writeFileSync(`${path}.new`, text);
      renameSync(`${path}.new`, path);
    };
    write(typeof content === 'string' ? content : JSON.stringify(content));
    const logger = new RecordingLogger();
    let changes = 0;
    const directory = directoryFile({
      path,
      schema,
      logger,
      answer: ({ fleets }, regulator: string) => fleets[regulator],
      onChange: () => {
        changes++;
      },
      checkEveryMs: 10,
    });
    onTestFinished(() => directory.close());
    return { ask: directory.ask, directory, write, logger, changes: () => changes };
  }

  test('answers, and is read again when it changes', async () => {
    const { ask, write, changes } = start({ fleets: { r1: 'fleet-1' } });
    expect(ask('r1')).toBe('fleet-1');
    expect(ask('r2')).toBeUndefined();
    write(JSON.stringify({ fleets: { r2: 'fleet-2' } }));
    await eventually(() => ask('r2') === 'fleet-2', 'the new answer');
    expect(ask('r1')).toBeUndefined();
    expect(changes()).toBe(1);
  });

  test('keeps its last good content when a change is broken', async () => {
    const { ask, write, logger } = start({ fleets: { r1: 'fleet-1' } });
    write('{"fleets":');
    await eventually(() => logger.text.includes('the last good one stays'), 'the line in the log');
    expect(ask('r1')).toBe('fleet-1');
    write(JSON.stringify({ fleets: { r1: 'fleet-9' } }));
    await eventually(() => ask('r1') === 'fleet-9', 'the repaired file');
  });

  test('that can not be used at the start is one line that names DIRECTORY_FILE', () => {
    expect(() => start('{')).toThrow(EnvironmentError);
    expect(() => start('{')).toThrow(/^DIRECTORY_FILE: expected a JSON file, got no JSON at .*directory.json$/);
    expect(() => start({ fleets: { r1: 1 } })).toThrow(
      /^DIRECTORY_FILE: expected .* to fit the schema; at fleets.r1: /,
    );
    const options = { path: '/nowhere/directory.json', schema, logger: new RecordingLogger(), answer: () => undefined };
    expect(() => directoryFile(options)).toThrow('DIRECTORY_FILE: expected a JSON file, got ENOENT at /nowhere');
  });
});

describe('an HTTP callback', () => {
  const schema = z.object({ guilds: z.array(z.string()) });

  async function start(
    handle: (question: unknown, response: ServerResponse, request: IncomingMessage) => void,
    options: Partial<DirectoryUrlOptions<typeof schema>> = {},
    userinfo = '',
  ) {
    let asked = 0;
    const server = createServer(async (request, response) => {
      asked++;
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      handle(JSON.parse(Buffer.concat(chunks).toString()), response, request);
    });
    const { port, close } = await listen(server);
    onTestFinished(close);
    const logger = new RecordingLogger();
    const clock = new ManualClock();
    let failures = 0;
    const { ask } = directoryUrl<{ user: string }, typeof schema>({
      url: `http://${userinfo}127.0.0.1:${port}/who`,
      schema,
      logger,
      clock,
      onFailure: () => {
        failures++;
      },
      ...options,
    });
    return { ask, logger, clock, close, asked: () => asked, failures: () => failures };
  }

  const give = (response: ServerResponse, value: unknown, status = 200) => {
    response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(value));
  };

  test('is asked with the question, and its answer is good for a while', async () => {
    const questions: unknown[] = [];
    const { ask, clock, asked } = await start((question, response, request) => {
      questions.push([request.method, request.url, request.headers['content-type'], question]);
      give(response, { guilds: ['g1'] });
    });
    expect(await ask({ user: 'ann' })).toEqual({ guilds: ['g1'] });
    expect(questions).toEqual([['POST', '/who', 'application/json', { user: 'ann' }]]);
    await clock.advance(29_999);
    await ask({ user: 'ann' });
    expect(asked()).toBe(1);
    await clock.advance(1);
    await ask({ user: 'ann' });
    await ask({ user: 'bob' });
    expect(asked()).toBe(3);
  });

  test('is asked once for questions that come at the same time', async () => {
    const { ask, asked } = await start((_, response) => give(response, { guilds: [] }));
    await Promise.all([ask({ user: 'ann' }), ask({ user: 'ann' }), ask({ user: 'ann' })]);
    expect(asked()).toBe(1);
  });

  test('says no with 404, which is no failure', async () => {
    const { ask, failures, asked } = await start((_, response) => give(response, {}, 404));
    expect(await ask({ user: 'ann' })).toBeUndefined();
    expect(await ask({ user: 'ann' })).toBeUndefined();
    expect([failures(), asked()]).toEqual([0, 1]);
  });

  test.each<[string, (response: ServerResponse, request: IncomingMessage) => void]>([
    ['another status', (response) => give(response, { guilds: ['g1'] }, 500)],
    ['another shape', (response) => give(response, { guilds: 'all' })],
    ['no JSON', (response) => response.end('guilds')],
    [
      'a redirect',
      (response, { url }) => {
        if (url === '/elsewhere') give(response, { guilds: ['g1'] });
        else response.writeHead(307, { Location: '/elsewhere' }).end();
      },
    ],
    ['no answer at all', (response) => response.destroy()],
    ['silence', () => {}],
    ['megabytes', (response) => response.end(JSON.stringify({ guilds: ['x'.repeat(2 ** 20)] }))],
  ])('denies, logs and counts: %s', async (_, respond) => {
    const { ask, logger, failures } = await start((_question, ...exchanged) => respond(...exchanged), {
      timeoutMs: 200,
    });
    expect(await ask({ user: 'ann' })).toBeUndefined();
    expect(failures()).toBe(1);
    expect(logger.lines).toMatchObject([{ level: 'error', fields: { failures: 1 } }]);
  });

  test('denies when nothing listens, writes one line in ten seconds, and recovers', async () => {
    let works = false;
    const { ask, logger, clock, asked, failures } = await start((_, response) =>
      works ? give(response, { guilds: ['g1'] }) : give(response, {}, 503),
    );
    for (const user of ['ann', 'bob', 'eve']) expect(await ask({ user })).toBeUndefined();
    await ask({ user: 'ann' });
    expect([asked(), failures(), logger.lines.length]).toEqual([3, 3, 1]);
    works = true;
    await clock.advance(1000);
    expect(await ask({ user: 'ann' })).toEqual({ guilds: ['g1'] });
    works = false;
    await clock.advance(9000);
    await ask({ user: 'bob' });
    expect(logger.lines).toHaveLength(2);
    expect(logger.lines[1]).toMatchObject({ fields: { failures: 3 } });
  });

  test('remembers a bounded number of answers', async () => {
    const { ask, asked } = await start((_, response) => give(response, { guilds: [] }), { maxEntries: 2 });
    for (const user of ['ann', 'bob', 'eve', 'bob']) await ask({ user });
    expect(asked()).toBe(3);
    await ask({ user: 'ann' });
    expect(asked()).toBe(4);
  });

  test('gets the credentials in its URL as a header, which are never logged', async () => {
    let authorization: string | undefined;
    const { ask, logger } = await start(
      (_, response, request) => {
        authorization = request.headers.authorization;
        give(response, {}, 500);
      },
      {},
      'user:hunt%3Aer22@',
    );
    await ask({ user: 'ann' });
    expect(authorization).toBe(`Basic ${Buffer.from('user:hunt:er22').toString('base64')}`);
    expect(logger.text).not.toContain('er22');
  });
});

test('the environment says which of them there is', async () => {
  const path = join(temporaryFolder(), 'directory.json');
  writeFileSync(path, '{"ann":["g1"]}');
  const server = createServer((request, response) => request.resume().on('end', () => response.end('["g2"]')));
  const { http, close } = await listen(server);
  onTestFinished(close);
  const options = {
    file: {
      schema: z.record(z.string(), z.array(z.string())),
      answer: (data: Record<string, string[]>, user: string) => data[user],
    },
    answer: z.array(z.string()),
    logger: new RecordingLogger(),
  };
  expect(directoryFrom({}, options)).toBeUndefined();
  const file = directoryFrom({ DIRECTORY_FILE: path }, options);
  expect(file?.ask('ann')).toEqual(['g1']);
  file?.close();
  const url = directoryFrom({ DIRECTORY_URL: http }, options);
  expect(await url?.ask('ann')).toEqual(['g2']);
  url?.close();
});
