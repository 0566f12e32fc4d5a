import { defaultUrl } from '@roomcast/falcon-client';

/** What the application's build says, where Vite builds it: it replaces the words by the value. */
export function configuredUrl(): string {
  // biome-ignore lint/suspicious/noTsIgnore: a program with Vite's types knows it, another does not.
  // @ts-ignore
  const configured: string | undefined = import.meta.env?.VITE_WS_URL;
  return configured || defaultUrl;
}
