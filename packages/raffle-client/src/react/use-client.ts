import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { ClientStore, type ClientView, type Follow } from './client-store.js';
import { keyOf, lease, type RaffleSource } from './shared-client.js';

/** What was rendered last, for what is called later. */
export function useLatest<Value>(value: Value): { readonly current: Value } {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}

/** Uses a client while the component is mounted. What is given besides the source has to stay the same object. */
export function useClient<Own extends object>(
  source: RaffleSource,
  initial: Own,
  follow: Follow<Own>,
): ClientView & Own {
  const latest = useLatest(source);
  const key = keyOf(source);
  const store = useMemo(
    () => new ClientStore(initial, () => lease(key, () => latest.current), follow),
    [key, initial, follow, latest],
  );
  return useSyncExternalStore(store.subscribe, store.view, store.serverView);
}
