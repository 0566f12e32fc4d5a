import ts from 'typescript';

/** The workspace packages whose code each kind of package may import. */
const mayImport: Record<string, readonly string[]> = {
  config: [],
  testing: [],
  engine: [],
  phoenix: ['engine'],
  'socket.io': ['engine'],
  redis: ['engine'],
  nats: ['engine'],
  server: ['engine', 'redis', 'nats'],
  'client-core': [],
  '*-protocol': [],
  '*-client': ['*-protocol', 'client-core'],
  '*-gateway': ['*-protocol', 'engine', 'phoenix', 'socket.io'],
  '*-server': ['*-gateway', '*-protocol', 'engine', 'phoenix', 'socket.io', 'redis', 'nats', 'server'],
  console: ['*-client', '*-protocol', 'client-core'],
  demo: ['*-server', 'console', 'engine', 'server'],
  bench: [
    '*-client',
    '*-gateway',
    '*-protocol',
    'client-core',
    'engine',
    'phoenix',
    'socket.io',
    'redis',
    'nats',
    'server',
  ],
  faults: ['*-client', '*-server'],
  examples: [
    '*-client',
    '*-gateway',
    '*-protocol',
    'client-core',
    'engine',
    'phoenix',
    'socket.io',
    'redis',
    'nats',
    'server',
  ],
};

/** What these may import from outside; the others are held by their own dependencies alone. */
const externals: Record<string, readonly string[]> = {
  engine: ['jose'],
  '*-protocol': ['zod'],
};

interface Kind {
  kind: string;
  /** The wire it belongs to, where it belongs to one: `vmax` of `vmax-client`. */
  domain: string | undefined;
}

function kindOf(name: string): Kind {
  const [, domain, role] = /^(\w+)-(protocol|client|gateway|server)$/.exec(name) ?? [];
  return domain === undefined ? { kind: name, domain } : { kind: `*-${role}`, domain };
}

/** Whether the arrows of the architecture have a rule for this package. */
export function isKnown(name: string): boolean {
  return Object.hasOwn(mayImport, kindOf(name).kind);
}

/** Whether code of one workspace package may import another, both named without their scope. */
export function isAllowed(from: string, to: string): boolean {
  const importer = kindOf(from);
  const imported = kindOf(to);
  if (mayImport[importer.kind]?.includes(imported.kind) !== true) return false;
  return importer.domain === undefined || imported.domain === undefined || importer.domain === imported.domain;
}

/** Whether code of a workspace package may import this package from outside. */
export function isAllowedExternal(from: string, to: string): boolean {
  return externals[kindOf(from).kind]?.includes(to) ?? true;
}

/** What a source text imports, in any form: static, type-only, re-exported, dynamic or required. */
export function importsOf(text: string): string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
}
