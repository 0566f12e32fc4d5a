import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import { cacheControl, contentType, securityHeaders } from './headers.js';

/** What the page is told of a service, so that nobody has to enter it. */
export interface ConsoleService {
  /** Where clients connect. */
  readonly url: string;
  readonly token?: string;
  /** The demo identity to begin as. */
  readonly identity?: string;
  readonly publishToken?: string;
  readonly adminToken?: string;
  readonly metricsToken?: string;
}

export interface ConsoleSettings {
  /** By name: killmails, falcon, spywatcher, raffle, vmax. */
  readonly services: Readonly<Record<string, ConsoleService>>;
}

export interface ConsolePageOptions {
  /** The folder of the built page, possibly while it is being built. */
  readonly folder: string | Promise<string>;
  /**
   * What the page begins with; it may hold tokens. Told only to pages of this machine's own names and of addresses: a
   * site whose name is made to point here must not learn them. @param hostname as the browser wrote it
   */
  settings(hostname: string): ConsoleSettings;
}

interface File {
  readonly body: Uint8Array<ArrayBuffer>;
  readonly zipped: Uint8Array<ArrayBuffer>;
  readonly etag: string;
}

/** Serves the page and its settings, for `nodeHandler` and anything else that speaks `fetch`. */
export function consolePage({ folder, settings }: ConsolePageOptions): (request: Request) => Promise<Response> {
  const loading = Promise.resolve(folder).then(load);
  loading.catch(() => {}); // Whoever asks for a file is told.
  return async (request) => {
    const { pathname, hostname } = new URL(request.url);
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(405, 'Only GET and HEAD');
    if (pathname === '/settings.json') {
      return isOwnName(hostname) ? json(settings(hostname)) : answer(403, 'Open this page by its address');
    }
    const path = pathname === '/' ? '/index.html' : pathname;
    const file = (await loading).get(path);
    return file ? fileAnswer(request, path, file) : answer(404, 'Not found');
  };
}

/** The whole page is half a megabyte: it is kept in memory. */
async function load(folder: string): Promise<ReadonlyMap<string, File>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => {
      const file = join(entry.parentPath, entry.name);
      const body = new Uint8Array(await readFile(file));
      const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
      const path = file.slice(folder.length).split(sep).join('/');
      return [path, { body, etag, zipped: new Uint8Array(gzipSync(body)) }] as const;
    });
  return new Map(await Promise.all(files));
}

function fileAnswer(request: Request, path: string, { body, zipped, etag }: File): Response {
  const headers = new Headers({
    ...securityHeaders,
    'Cache-Control': cacheControl(path),
    'Content-Type': contentType(path),
    ETag: etag,
    Vary: 'Accept-Encoding',
  });
  if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers });
  const isZipped = zipped.length < body.length && /\bgzip\b/.test(request.headers.get('accept-encoding') ?? '');
  if (isZipped) headers.set('Content-Encoding', 'gzip');
  const shown = isZipped ? zipped : body;
  headers.set('Content-Length', String(shown.length));
  return new Response(request.method === 'HEAD' ? null : shown, { headers });
}

function isOwnName(hostname: string): boolean {
  return hostname === 'localhost' || /^[\d.]+$/.test(hostname) || hostname.startsWith('[');
}

function json(value: unknown): Response {
  return Response.json(value, { headers: { ...securityHeaders, 'Cache-Control': 'no-store' } });
}

function answer(status: number, text: string): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { ...securityHeaders, 'Content-Type': 'text/plain; charset=utf-8' },
  });
}
