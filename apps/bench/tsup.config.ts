import { build } from '@roomcast/config/tsup';

export default {
  ...build({ entry: ['src/main.ts', 'src/server.ts', 'src/loader.ts', 'src/bun-publish.ts'] }),
  dts: false,
};
