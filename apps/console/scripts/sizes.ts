// Bundles every client as an application's build would, builds the page, and holds all of it to its budgets: pnpm size
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build, defaultClientConditions } from 'vite';
import { builtConsole } from '../serve/index.js';

const home = fileURLToPath(new URL('..', import.meta.url));
const clients = ['killmails', 'falcon', 'spywatcher', 'raffle', 'vmax'];
/** What applications have anyway, or choose with the protocol. */
const others = ['zod/mini', 'phoenix', 'socket.io-client'];

async function bundle(name: string, file: string, external: (string | RegExp)[]): Promise<void> {
  await build({
    configFile: false,
    root: home,
    logLevel: 'error',
    resolve: { conditions: ['@roomcast/source', ...defaultClientConditions] },
    build: {
      target: 'es2022',
      outDir: 'node_modules/.clients',
      emptyOutDir: false,
      rolldownOptions: {
        input: { [file]: `@roomcast/${name}` },
        external,
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: '[name].js' },
      },
    },
  });
}

for (const client of clients) {
  await bundle(`${client}-client`, client, [...others, /^@roomcast\/client-core/]);
  await bundle(`${client}-client`, `${client}-with-core`, others);
}
await builtConsole();
const cli = join(dirname(createRequire(import.meta.url).resolve('size-limit/package.json')), 'bin.js');
const run = promisify(execFile)(process.execPath, [cli], { cwd: home });
run.child.stdout?.pipe(process.stdout);
run.child.stderr?.pipe(process.stderr);
await run.catch(() => {
  process.exitCode = 1; // Said by size-limit.
});
