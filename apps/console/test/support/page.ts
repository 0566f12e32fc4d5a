import type { Page } from 'playwright-core';
import { expect } from 'vitest';

type Locator = ReturnType<Page['locator']>;

/** What the connection bar says: the state, and the sentence below it. */
export const stateOf = (page: Page) => page.locator('.state-name');
export const sentenceOf = (page: Page) => page.locator('.connection-word');

export async function expectText(locator: Locator, pattern: RegExp): Promise<void> {
  // As people see it: what is hidden does not count.
  // biome-ignore lint/performance/useDomNodeTextContent: see above.
  await expect.poll(() => locator.innerText()).toMatch(pattern);
}

export const isLive = (page: Page) => expectText(stateOf(page), /^Live$/);

/** Connects through the form. */
export async function connectTo(
  page: Page,
  { url, token, isKept = false }: { url?: string; token?: string; isKept?: boolean },
): Promise<void> {
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  if (url !== undefined) await page.getByLabel('URL').fill(url);
  if (token !== undefined) await page.getByLabel('Token', { exact: true }).fill(token);
  if (isKept) await page.getByLabel('Keep these on this device').check();
  await page.getByRole('button', { name: 'Connect', exact: true }).click();
}

export async function backToTheDemo(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Settings', exact: true }).click();
  await page.getByRole('button', { name: 'Back to the demo' }).click();
}

/** @param name the beginning of what the list of roles says */
export async function signInAs(page: Page, name: string): Promise<void> {
  const roles = page.getByLabel('Signed in as');
  const label = await roles.locator('option').filter({ hasText: name }).first().textContent();
  await roles.selectOption({ label: label ?? name });
}

/** Publishes an event through the dialog, by its name there. */
export async function publish(page: Page, template: string): Promise<void> {
  await page.keyboard.press('p');
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Event', { exact: true }).selectOption(template);
  await dialog.getByRole('button', { name: 'Publish', exact: true }).click();
  await dialog.getByText('Published: 1 accepted.').waitFor();
  await closeDialog(page);
}

export async function closeDialog(page: Page): Promise<void> {
  await page.keyboard.press('Escape');
  await page.locator('dialog').waitFor({ state: 'detached' });
}

export const itemsOf = (page: Page, list: string) => page.getByRole('list', { name: list }).getByRole('listitem');
