import { defineConfig } from 'vitest/config';

// What users install: needs every public package built, and npm's registry for their dependencies.
export default defineConfig({
  test: {
    include: ['packages/config/packed/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 300_000,
  },
});
