import { build } from '@roomcast/config/tsup';

export default build();
