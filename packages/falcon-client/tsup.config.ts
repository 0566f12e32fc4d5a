import { build } from '@roomcast/config/tsup';

const entry = { index: 'src/index.ts', react: 'src/react/index.ts', 'react-query': 'src/react-query/index.ts' };

export default {
  ...build({ entry, formats: ['esm', 'cjs'] }),
  // The entries find each other by the package's name, so that there is one of each class and one context however they
  // are loaded.
  external: ['@roomcast/falcon-client', '@roomcast/falcon-client/react'],
  // CommonJS has no `import.meta`, and so no VITE_WS_URL: that is as it should be.
  esbuildOptions(options: { logOverride?: Record<string, string> }) {
    options.logOverride = { 'empty-import-meta': 'silent' };
  },
};
