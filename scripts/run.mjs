// One command on a machine with Node and npm only: installs when needed, then starts the demo or runs the tests.
//   node scripts/run.mjs start
//   node scripts/run.mjs test [vitest arguments]
//   node scripts/run.mjs pnpm [pnpm arguments]
import { join } from 'node:path';
import { install, pnpm } from './pnpm.mjs';
import { run } from './process.mjs';
import { manifest, root } from './root.mjs';
import { provideSystemTools } from './system-tools.mjs';

const commands = { start, test, pnpm };

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`roomcast: ${error.message}`);
  process.exitCode = 1;
}

async function main([name, ...args]) {
  requireNode(manifest.engines.node);
  if (!Object.hasOwn(commands, name ?? '')) {
    throw new Error(`expected one of ${Object.keys(commands).join(', ')}, got ${name ?? 'nothing'}`);
  }
  const code = await install();
  return code === 0 ? commands[name](args) : code;
}

/** @param {string} range `>=MAJOR.MINOR`, as package.json writes it. */
function requireNode(range) {
  const [major, minor] = range.replace('>=', '').split('.').map(Number);
  const [ownMajor, ownMinor] = process.versions.node.split('.').map(Number);
  if (ownMajor < major || (ownMajor === major && ownMinor < minor)) {
    throw new Error(`needs Node ${range}, this is ${process.versions.node}: get a newer one from https://nodejs.org`);
  }
}

/** In a group of its own, because npm and the terminal would each send it a Ctrl-C. */
function start() {
  const preload = ['--import', './scripts/stop-with-parent.mjs', '--import', 'tsx'];
  const args = ['--conditions=@roomcast/source', ...preload, 'apps/demo/src/main.ts'];
  return run(process.execPath, args, { ownGroup: true });
}

function test(args) {
  const missing = provideSystemTools(args);
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  return run(process.execPath, [vitest, 'run', ...args], { env: { ROOMCAST_MISSING: missing.join(',') } });
}
