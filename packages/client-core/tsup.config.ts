import { build } from '@roomcast/config/tsup';

// The sockets are files of their own, found through package.json, which says what platform loads which.
export default {
  ...build({
    entry: ['src/index.ts', 'src/open-socket.ts', 'src/open-socket.node.ts', 'src/open-socket.browser.ts'],
    formats: ['esm', 'cjs'],
  }),
  external: ['#open-socket'],
};
