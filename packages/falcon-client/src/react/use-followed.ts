import { useEffect, useMemo, useRef, useSyncExternalStore } from 'react';

/** Begins to follow something, showing each time how it is. Returns the way to stop. */
export type Follow<View> = (show: (view: View) => void) => () => void;

/** What was rendered last, for what is called later. */
export function useLatest<Value>(value: Value): { readonly current: Value } {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  });
  return latest;
}

/**
 * Follows something while the component is mounted, in the shape of React's external stores.
 * @param idle what is shown before, on a server, and where there is nothing to follow. Has to stay the same object.
 * @param follow has to stay the same function
 */
export function useFollowed<View>(idle: View, follow: Follow<View> | undefined): View {
  const store = useMemo(() => {
    let view = idle;
    return {
      view: () => view,
      subscribe(notify: () => void) {
        const stop = follow?.((next) => {
          view = next;
          notify();
        });
        return () => stop?.();
      },
    };
  }, [idle, follow]);
  return useSyncExternalStore(store.subscribe, store.view, () => idle);
}
