import { useLayoutEffect, useRef, useSyncExternalStore } from 'react';
import { go, places } from './places.js';

const key = 'roomcast.shortcuts';
const listeners = new Set<() => void>();

/** Single keys get in the way of speech input, so they can be turned off. */
export function useShortcutsSetting() {
  const areOn = useSyncExternalStore(subscribe, areShortcutsOn);
  return { areOn, set: setShortcuts };
}

/** Calls what belongs to a key while nothing is being typed and no dialog is open. */
export function useShortcuts(actions: Readonly<Record<string, () => void>>): void {
  const latest = useRef(actions);
  latest.current = actions;
  // As soon as the page is there: whoever sees it may press a key.
  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (!areShortcutsOn() || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      const action = latest.current[event.key];
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

/** `1` to `6`, in the order of the rail. */
export const placeShortcuts: Readonly<Record<string, () => void>> = Object.fromEntries(
  places.map((place, index) => [String(index + 1), () => go(place)]),
);

function areShortcutsOn(): boolean {
  return sessionStorage.getItem(key) !== 'off';
}

function setShortcuts(areOn: boolean): void {
  sessionStorage.setItem(key, areOn ? 'on' : 'off');
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function isTyping(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest('input, textarea, select, dialog') !== null;
}
