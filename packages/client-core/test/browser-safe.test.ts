import { readdirSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

it('imports nothing but its own files, so that browsers can load it', () => {
  const source = new URL('../src/', import.meta.url);
  for (const file of readdirSync(source)) {
    const imports = [...readFileSync(new URL(file, source), 'utf8').matchAll(/from '([^']+)'/g)].map(
      ([, name]) => name,
    );
    expect(imports.filter((name) => !name?.startsWith('./'))).toEqual([]);
  }
});
