import { ParamsError } from './errors.js';

/** The parameters of the URL: texts, and what names like `a[b]` and `a[]` build of them. Without a prototype. */
export interface Params {
  [name: string]: Param;
}

export type Param = string | Params | Param[];

const nestedName = /^([^[]+)((?:\[[^\]]*\])+)$/;
const beyondAscii = /[\u0080-\uffff]/;
const decoder = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a query as Phoenix does: `a=1`, `a[b]=1` (an object), `a[]=1` (a list); of two with one name the last counts.
 * Throws `ParamsError` where it is not percent-encoded UTF-8.
 *
 * @param url the target of the request line
 */
export function parseParams(url: string): Params {
  const params = newParams();
  const question = url.indexOf('?');
  if (question === -1) return params;
  for (const pair of url.slice(question + 1).split('&')) {
    if (pair === '') continue;
    const equals = pair.indexOf('=');
    const name = decode(equals === -1 ? pair : pair.slice(0, equals));
    put(params, path(name), equals === -1 ? '' : decode(pair.slice(equals + 1)));
  }
  return params;
}

/** The names from the outermost to the innermost; an empty one is the next place of a list. */
function path(name: string): string[] {
  const nested = nestedName.exec(name);
  if (nested === null) return [name];
  return [nested[1] as string, ...(nested[2] as string).slice(1, -1).split('][')];
}

function put(params: Params, names: string[], value: string): void {
  let here: Params | Param[] = params;
  for (let depth = 0; depth < names.length - 1; depth++) {
    const inner = child(here, names[depth] as string, names[depth + 1] === '');
    set(here, names[depth] as string, inner);
    here = inner;
  }
  set(here, names.at(-1) as string, value);
}

/** What stands at a name, where it is of the kind that is needed, or a new one. */
function child(here: Params | Param[], name: string, list: boolean): Params | Param[] {
  const present = Array.isArray(here) ? undefined : here[name];
  if (typeof present === 'object' && Array.isArray(present) === list) return present;
  return list ? [] : newParams();
}

function set(here: Params | Param[], name: string, value: Param): void {
  if (Array.isArray(here)) here.push(value);
  else here[name] = value;
}

function newParams(): Params {
  return Object.create(null) as Params;
}

function decode(text: string): string {
  try {
    // The request line is given with one character for each byte.
    const bytes = beyondAscii.test(text) ? decoder.decode(Buffer.from(text, 'latin1')) : text;
    return decodeURIComponent(bytes.replaceAll('+', ' '));
  } catch (cause) {
    throw new ParamsError({ cause });
  }
}
