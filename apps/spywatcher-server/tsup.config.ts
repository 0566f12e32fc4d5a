import { build } from '@roomcast/config/tsup';

export default build({ entry: ['src/index.ts', 'src/main.ts'] });
