export function build({ entry = ['src/index.ts'], formats = ['esm'] } = {}) {
  return {
    entry,
    format: formats,
    target: 'node20',
    clean: true,
    sourcemap: true,
    splitting: formats.length === 1,
    // tsup passes an option that TypeScript 6 deprecates.
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
  };
}
