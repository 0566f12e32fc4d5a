import { defineConfig } from 'vitest/config';
import base from './vitest.config.js';

// Long runs of the generators, bounded by each file itself; run when wanted, not with every change.
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['packages/*/test/**/*.fuzz.ts', 'apps/*/test/**/*.fuzz.ts'],
    testTimeout: 600_000,
  },
});
