import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { root } from './root.mjs';

/**
 * Programs that are not npm packages: what Debian calls each, how to see whether it is there, and the folders whose tests use it.
 * A suite skips visibly where the environment variable ROOMCAST_MISSING (comma-separated names) has its tool.
 */
const tools = [
  {
    name: 'python3-websockets',
    isThere: () => hasPythonModule('websockets'),
    usedBy: ['apps/examples/test', 'apps/vmax-server/test'],
  },
  { name: 'python3-requests', isThere: () => hasPythonModule('requests'), usedBy: ['apps/vmax-server/test'] },
  {
    name: 'redis-server',
    isThere: () => hasProgram('redis-server'),
    usedBy: [
      'apps/bench/test',
      'apps/faults/test',
      'apps/spywatcher-server/test',
      'packages/redis/test',
      'packages/server/test',
    ],
  },
  { name: 'nats-server', isThere: () => hasProgram('nats-server'), usedBy: ['apps/faults/test', 'packages/nats/test'] },
  { name: 'chromium', isThere: () => hasProgram('chromium'), usedBy: ['apps/console/test', 'apps/examples/test'] },
  {
    name: 'openssl',
    isThere: () => hasProgram('openssl'),
    usedBy: ['packages/redis/test', 'packages/nats/test'],
  },
  { name: 'nginx', isThere: () => hasProgram('nginx'), usedBy: ['apps/faults/test'] },
];

/**
 * Makes sure of the tools that the tests to run use. A missing one is installed where we may (root, apt-get); else it is
 * named, and with CI=true refused.
 * @param {string[]} args vitest's: where all are parts of paths, tools of other tests are left alone.
 * @returns {string[]} The names of those still missing.
 */
export function provideSystemTools(args) {
  const filters = args.every((arg) => /^\w/.test(arg)) ? args : [];
  const isMissing = (tool) => !tool.isThere();
  const wanted = tools.filter((tool) => tool.usedBy.some((folder) => runs(folder, filters)));
  let missing = wanted.filter(isMissing);
  if (missing.length > 0 && canInstall()) {
    aptInstall(missing.map((tool) => tool.name));
    missing = missing.filter(isMissing);
  }
  for (const { name, usedBy } of missing) {
    console.error(`${name} is missing, needed by ${usedBy.join(', ')}. On Debian or Ubuntu: apt-get install ${name}`);
  }
  const names = missing.map((tool) => tool.name);
  if (names.length > 0 && process.env.CI === 'true') {
    throw new Error(`CI=true and not every system tool is there: ${names.join(', ')}`);
  }
  return names;
}

/** vitest runs a test file when its path contains one of the filters, or when there are none. */
function runs(folder, filters) {
  if (!existsSync(join(root, folder))) return false;
  const files = readdirSync(join(root, folder), { recursive: true }).map((file) => `${folder}/${file}`);
  return filters.length === 0 || files.some((file) => filters.some((filter) => file.includes(filter)));
}

/** Debian's Python modules belong to Debian's Python, which need not be the first on PATH. */
function hasPythonModule(module) {
  const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
  return spawnSync(python, ['-c', `import ${module}`]).status === 0;
}

function hasProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin'];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, name), constants.X_OK);
      return true;
    } catch {
      return false; // Not there or not executable: look on.
    }
  });
}

function canInstall() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && hasProgram('apt-get');
}

/** Failures are not looked at here: what counts is whether the tools are there afterwards. */
function aptInstall(packages) {
  console.log(`Installing ${packages.join(', ')} with apt-get, for the tests.`);
  const options = ['-qq', '-o', 'DPkg::Lock::Timeout=300', '-o', 'Dpkg::Use-Pty=0'];
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const aptGet = (...args) =>
    spawnSync('apt-get', [...options, ...args], { stdio: ['ignore', 'inherit', 'inherit'], env });
  aptGet('update');
  aptGet('install', '-y', '--no-install-recommends', ...packages);
}
