import type { OriginPolicy } from '@roomcast/engine';
import * as z from 'zod';

/** Timers of Node.js can't be set to more milliseconds than this. */
const maxTimerMs = 2 ** 31 - 1;

const maxShown = 40;

function shown(text: string): string {
  return JSON.stringify(text.length > maxShown ? `${text.slice(0, maxShown)}…` : text);
}

function hidden(text: string): string {
  return `something else of ${Buffer.byteLength(text)} bytes`;
}

/**
 * An environment variable: a text that is turned into a value, or refused with one line.
 *
 * @param expected completes "expected …"
 * @param parse undefined where the text is not what is expected
 * @param got describes a refused text. @default the text itself; pass `hidden` for anything that may hold a secret
 */
export function variable<Value>(expected: string, parse: (text: string) => Value | undefined, got = shown) {
  return z.string({ error: `expected ${expected}, got nothing` }).transform((text, context): Value => {
    const value = parse(text);
    if (value !== undefined) return value;
    context.addIssue({ code: 'custom', message: `expected ${expected}, got ${got(text)}` });
    return z.NEVER;
  });
}

/** Any text. */
export function text(expected = 'a text') {
  return variable(expected, (value) => value, hidden);
}

/** A whole number in decimal digits. */
export function integer({ min = 0, max = Number.MAX_SAFE_INTEGER } = {}) {
  const expected =
    max === Number.MAX_SAFE_INTEGER ? `a whole number, ${min} or more` : `a whole number from ${min} to ${max}`;
  return variable(expected, (value) => {
    const number = /^-?\d+$/.test(value) ? Number(value) : Number.NaN;
    return number >= min && number <= max ? number : undefined;
  });
}

/** A time in milliseconds that a timer can wait for. */
export function milliseconds({ min = 0 } = {}) {
  return integer({ min, max: maxTimerMs });
}

/** `1` or `0`. */
export function flag() {
  return variable('1 or 0', (value) => (value === '1' ? true : value === '0' ? false : undefined));
}

/** One of a few words. */
export function choice<Word extends string>(...words: readonly Word[]) {
  return variable(`one of ${words.join(', ')}`, (value) => words.find((word) => word === value));
}

/** An absolute URL. It may hold a password, so that a refused one is never shown. */
export function url(...schemes: readonly string[]) {
  return variable(
    `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    (value) => (URL.canParse(value) && schemes.includes(new URL(value).protocol.slice(0, -1)) ? value : undefined),
    hidden,
  );
}

/** Where a broker is; there may be several hosts between commas. What it means is the adapter's to say. */
export function broker(...schemes: readonly string[]) {
  const begins = new RegExp(`^(?:${schemes.join('|').replaceAll('+', '\\+')})://[^/]`);
  return variable(
    `a URL that begins with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`,
    (value) => (begins.test(value) ? value : undefined),
    hidden,
  );
}

/** A secret of at least so many bytes. */
export function secret({ minBytes }: { minBytes: number }) {
  return variable(
    `at least ${minBytes} bytes`,
    (value) => (Buffer.byteLength(value) >= minBytes ? value : undefined),
    (value) => `${Buffer.byteLength(value)} bytes`,
  );
}

const tokenShape = /^[\x21-\x2b\x2d-\x7e]{8,}$/;

/** A token that fits into an `Authorization` header. */
export function token() {
  return variable(
    'a token of at least 8 visible ASCII characters without commas',
    (value) => (tokenShape.test(value) ? value : undefined),
    hidden,
  );
}

/** Tokens between commas. */
export function tokens() {
  return variable(
    'tokens between commas, each of at least 8 visible ASCII characters',
    (value) => {
      const list = split(value);
      return list.length > 0 && list.every((entry) => tokenShape.test(entry)) ? list : undefined;
    },
    hidden,
  );
}

/** A public key in PEM. Where line breaks can't be written, `\n` stands for one. */
export function pem() {
  return variable(
    'a public key in PEM (-----BEGIN PUBLIC KEY-----)',
    (value) => {
      const unfolded = value.replaceAll('\\n', '\n');
      return unfolded.includes('-----BEGIN PUBLIC KEY-----') ? unfolded : undefined;
    },
    hidden,
  );
}

/** Exact origins between commas, among them perhaps `same-host`; or `*`, alone, for all. */
export function origins() {
  return variable(
    'exact origins between commas (https://example.com), or * alone',
    (value): OriginPolicy | undefined => {
      const list = split(value);
      if (list.length === 1 && list[0] === '*') return '*';
      return list.length > 0 && list.every((entry) => entry === 'same-host' || isOrigin(entry)) ? list : undefined;
    },
  );
}

function isOrigin(text: string): boolean {
  if (!/^[a-z][a-z0-9+.-]*:\/\/[^/?#@\s*]+$/.test(text) || !URL.canParse(text)) return false;
  // Only the schemes of the web have an origin that the parser can tell; those of app shells are taken as they are.
  const { origin } = new URL(text);
  return origin === 'null' || origin === text;
}

function split(value: string): string[] {
  return value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}
