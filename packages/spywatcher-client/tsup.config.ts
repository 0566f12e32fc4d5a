import { build } from '@roomcast/config/tsup';

// The hooks find the client by the package's name, so that there is one of each class however they are loaded.
export default {
  ...build({ entry: { index: 'src/index.ts', react: 'src/react/index.ts' }, formats: ['esm', 'cjs'] }),
  external: ['@roomcast/spywatcher-client'],
};
