import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

export default defineConfig({
  // Relative, so that the built page works in any folder of any host.
  base: './',
  plugins: [react()],
  // The packages' sources: no package needs to be built for the page.
  resolve: { conditions: ['@roomcast/source', ...defaultClientConditions] },
  build: {
    target: 'es2022',
    // Every browser of that target preloads modules; inlined files would need a wider content security policy.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
  },
});
