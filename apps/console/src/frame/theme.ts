import { useSyncExternalStore } from 'react';

type ThemeChoice = 'system' | 'dark' | 'light';

const choices: readonly ThemeChoice[] = ['system', 'dark', 'light'];
const key = 'roomcast.theme';
const prefersDark = matchMedia('(prefers-color-scheme: dark)');
const listeners = new Set<() => void>();

let choice: ThemeChoice = choices.find((one) => one === sessionStorage.getItem(key)) ?? 'system';
apply();
prefersDark.addEventListener('change', apply);

/** What was chosen, what that comes to, and how to choose. The choice lasts as long as the tab. */
export function useTheme() {
  const chosen = useSyncExternalStore(subscribe, () => choice);
  const shown = useSyncExternalStore(subscribe, current);
  return {
    choice: chosen,
    shown,
    next: () => choose(choices[(choices.indexOf(chosen) + 1) % choices.length] ?? 'system'),
  };
}

function choose(next: ThemeChoice): void {
  choice = next;
  sessionStorage.setItem(key, next);
  apply();
}

function current(): 'dark' | 'light' {
  if (choice !== 'system') return choice;
  return prefersDark.matches ? 'dark' : 'light';
}

function apply(): void {
  document.documentElement.dataset.theme = current();
  for (const listener of [...listeners]) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
