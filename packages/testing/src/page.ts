/// <reference path="./jsdom.d.ts" />
import { JSDOM } from 'jsdom';
import type { ReactNode } from 'react';
import { onTestFinished } from 'vitest';
import { patienceMs } from './eventually.js';

const { window } = new JSDOM('<!doctype html>');
const { document, navigator } = window;
for (const [name, value] of Object.entries({ window, document, navigator, IS_REACT_ACT_ENVIRONMENT: true })) {
  // Some versions of Node have a `navigator` that cannot be assigned.
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

// React looks for the page when it is loaded.
const { act } = await import('react');
const { createRoot, hydrateRoot } = await import('react-dom/client');

/** What a test shows on a page, until the test is over. */
export interface Page {
  /** What the page says by now. */
  readonly text: string;
  render(node: ReactNode): Promise<void>;
  unmount(): Promise<void>;
}

/** @param onServer what a server has rendered, to be taken over */
export async function page(onServer?: { html: string; node: ReactNode }): Promise<Page> {
  const element = document.createElement('div');
  document.body.append(element);
  // The page of the tests is jsdom's; React's types mean a browser's.
  const container = element as unknown as Parameters<typeof createRoot>[0];
  if (onServer) Reflect.set(element, 'innerHTML', onServer.html);
  const root = onServer ? await act(async () => hydrateRoot(container, onServer.node)) : createRoot(container);
  const shown: Page = {
    get text() {
      return element.textContent;
    },
    render: (node) => act(async () => root.render(node)),
    unmount: () => act(async () => root.unmount()),
  };
  onTestFinished(async () => {
    await shown.unmount();
    element.remove();
  });
  return shown;
}

/** Waits in React's time, so that what arrives is rendered. */
export async function shows(condition: () => unknown, what: string): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    if (await condition()) return;
    if (performance.now() > deadline) throw new Error(`${what} did not come true within ${patienceMs} ms`);
    await act(() => new Promise<void>((resolve) => setTimeout(resolve, 5)));
  }
}

/** Does something in React's time, so that what follows from it is rendered. */
export function acting<Value>(work: () => Promise<Value>): Promise<Value> {
  return act(work);
}
