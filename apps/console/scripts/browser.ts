import { type Browser, chromium } from 'playwright-core';

/** Debian's Chromium; elsewhere CHROMIUM says where it is. */
export function launch(): Promise<Browser> {
  const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium';
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-background-networking'] });
}
