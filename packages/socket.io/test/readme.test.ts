import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Engine } from '@roomcast/engine';
import { listen, next } from '@roomcast/testing';
import { io } from 'socket.io-client';
import { expect, it, onTestFinished } from 'vitest';
import { type SocketIo, socketIoDefaults } from '../src/index.js';
import { connected } from './support/servers.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const readme = await readFile(join(here, '../README.md'), 'utf8');

it('the README’s program runs as it is printed', async () => {
  // Inside the package, where the printed imports are resolved as a user's would be.
  const folder = await mkdtemp(join(here, '.readme-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [, code] = /^```ts server\.ts\n(.*?)^```/ms.exec(readme) ?? [];
  await writeFile(join(folder, 'server.ts'), (code as string).replace('server.listen(3000);\n', ''));
  const program = (await import(pathToFileURL(join(folder, 'server.ts')).href)) as {
    engine: Engine;
    realtime: SocketIo;
    server: Parameters<typeof listen>[0];
  };
  const { http, close } = await listen(program.server);
  const clients = [['websocket'], ['polling']].map((transports) => io(http, { transports, reconnection: false }));
  onTestFinished(async () => {
    for (const client of clients) client.disconnect();
    await program.engine.close();
    await program.realtime.close();
    await close();
  });
  for (const client of clients) await (await connected(client)).emitWithAck('join', 'hall');
  const heard = clients.map((client) => next(client, 'said'));
  clients[0]?.emit('say', 'hall', 'hello');
  expect(await Promise.all(heard)).toEqual(['hello', 'hello']);
});

it('the README’s table gives the defaults that are in force', () => {
  const { name, path, pingIntervalMs, pingTimeoutMs, connectTimeoutMs, upgradeTimeoutMs, credentials } =
    socketIoDefaults;
  const rows = Object.entries({ name, path, connectTimeoutMs, upgradeTimeoutMs, credentials });
  for (const [option, value] of rows) {
    const shown = typeof value === 'string' ? `\`${value}\`` : String(value);
    expect(readme).toMatch(new RegExp(`^\\| \`${option}\` \\| .* \\| ${shown} \\|$`, 'm'));
  }
  expect(readme).toContain(`| ${pingIntervalMs}, ${pingTimeoutMs} |`);
});
