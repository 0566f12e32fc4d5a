import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The repository's folder, with a slash at its end. */
export const root = fileURLToPath(new URL('..', import.meta.url));

/** @type {{packageManager: string, engines: {node: string}}} */
export const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
