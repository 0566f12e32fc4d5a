import { useSyncExternalStore } from 'react';
import { type ServiceName, serviceNames } from '../services/names.js';

/** What the page can show. */
export type Place = 'operations' | ServiceName;

export const places: readonly Place[] = ['operations', ...serviceNames];

/** Where the page is, by the part of its URL after `#/`. */
export function usePlace(): Place {
  return useSyncExternalStore(subscribe, current);
}

export function hrefOf(place: Place): string {
  return `#/${place}`;
}

export function go(place: Place): void {
  location.hash = hrefOf(place);
}

function current(): Place {
  return places.find((place) => hrefOf(place) === location.hash) ?? 'operations';
}

function subscribe(listener: () => void): () => void {
  addEventListener('hashchange', listener);
  return () => removeEventListener('hashchange', listener);
}
