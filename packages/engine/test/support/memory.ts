import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { turns } from '@roomcast/testing';

let collect: (() => void) | undefined;

/** Has the garbage collected. What is only held weakly is gone afterwards. */
export async function collectGarbage(): Promise<void> {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  // What a promise or a socket has just let go of takes a turn to become garbage.
  for (let round = 0; round < 3; round++) {
    await turns(2);
    collect();
  }
}
