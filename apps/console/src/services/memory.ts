import * as z from 'zod/mini';
import type { Access } from '../connection/access.js';
import type { ServiceName } from './names.js';

const access = z.object({
  url: z.string(),
  token: z.string(),
  identity: z.string(),
  publishToken: z.string(),
  adminToken: z.string(),
  metricsToken: z.string(),
});

const keyOf = (name: ServiceName) => `roomcast.${name}`;

/** What was entered for a service: in this tab until it is closed, or on this device where that was asked for. */
export function remembered(name: ServiceName): Access | undefined {
  const text = sessionStorage.getItem(keyOf(name)) ?? localStorage.getItem(keyOf(name));
  if (text === null) return undefined;
  try {
    return access.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // Another version's, or tampered with: as if there were none.
  }
}

export function isKeptOnDevice(name: ServiceName): boolean {
  return localStorage.getItem(keyOf(name)) !== null;
}

export function remember(name: ServiceName, value: Access, onDevice: boolean): void {
  forget(name);
  (onDevice ? localStorage : sessionStorage).setItem(keyOf(name), JSON.stringify(value));
}

export function forget(name: ServiceName): void {
  sessionStorage.removeItem(keyOf(name));
  localStorage.removeItem(keyOf(name));
}
