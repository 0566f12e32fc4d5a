import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { listen, openClient } from '@roomcast/testing';
import { expect, it, onTestFinished, vi } from 'vitest';
import { type Engine, engineDefaults, sessionDefaults } from '../src/index.js';
import { ask } from './support/raw-wire.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const readme = await readFile(join(here, '../README.md'), 'utf8');

/** The default that a table gives for an option, as it is written there. */
function documented(option: string): string | undefined {
  return new RegExp(`^\\| \`${option}\` \\| (.*?) \\|`, 'm').exec(readme)?.[1];
}

it('the README’s tables give the defaults that are in force', () => {
  const { logger, clock, ...engine } = engineDefaults;
  const { maxMessages, messageWindowMs, whenTooMany, origins, ...limits } = sessionDefaults;
  for (const [option, value] of Object.entries({ ...engine, ...limits })) {
    expect([option, documented(option)]).toEqual([option, String(value)]);
  }
  expect(readme).toContain(`| \`maxMessages\` in \`messageWindowMs\` | ${maxMessages} in ${messageWindowMs} |`);
  expect(documented('whenTooMany')).toBe(`\`${whenTooMany}\``);
  expect(documented('origins')).toBe(`\`['${origins}']\``);
  for (const option of ['logger', 'clock', 'bus']) expect(documented(option)).toBeDefined();
  expect([typeof logger, typeof clock]).toEqual(['object', 'object']);
});

it('the README’s chat runs as it is printed', async () => {
  // Inside the package, where the printed import of the engine's name is resolved as a user's would be.
  const folder = await mkdtemp(join(here, '.readme-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  for (const [, name, code] of readme.matchAll(/^```ts ([\w-]+\.ts)\n(.*?)^```/gms)) {
    await writeFile(join(folder, name as string), (code as string).replace('server.listen(3000);\n', ''));
  }
  const { engine, server } = (await import(pathToFileURL(join(folder, 'server.ts')).href)) as {
    engine: Engine;
    server: Parameters<typeof listen>[0];
  };
  const { ws, close } = await listen(server);
  onTestFinished(async () => {
    await engine.close();
    await close();
  });
  const [ada, bob] = [await openClient(`${ws}/chat?name=ada`), await openClient(`${ws}/chat?name=bob`)];
  for (const client of [ada, bob]) {
    expect(await ask(client, { type: 'join', room: 'hall' })).toEqual({ type: 'joined', room: 'hall' });
  }
  const line = { type: 'line', room: 'hall', from: 'ada', text: 'hello' };
  expect(await ask(ada, { type: 'say', room: 'hall', text: 'hello' })).toEqual(line);
  expect(await bob.nextJson()).toEqual(line);
  const logged = vi.spyOn(console, 'error').mockImplementation(() => {});
  bob.send({ type: 'say', room: 'attic', text: 'anybody?' });
  expect((await bob.waitForClose()).code).toBe(1011);
  expect(logged).toHaveBeenCalledOnce();
  logged.mockRestore();
});
