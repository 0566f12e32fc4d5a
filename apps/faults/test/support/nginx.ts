import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort, Program } from '@roomcast/testing';

const documented = fileURLToPath(new URL('../../../../docs/nginx.conf', import.meta.url));

export interface Nginx {
  readonly port: number;
  close(): Promise<void>;
}

export interface NginxOptions {
  /** @default 75 */
  readTimeoutSeconds?: number;
  /** Whether a client's requests all go to one instance. @default true */
  isSticky?: boolean;
}

/** nginx with the documented configuration, in front of these ports instead of the two it names. */
export async function startNginx(
  ports: readonly [number, number],
  { readTimeoutSeconds = 75, isSticky = true }: NginxOptions = {},
): Promise<Nginx> {
  const folder = mkdtempSync(join(tmpdir(), 'roomcast-nginx-'));
  const port = await freePort();
  const config = changed(readFileSync(documented, 'utf8'), [
    ['listen 80 ', `listen 127.0.0.1:${port} `],
    ['127.0.0.1:8081', `127.0.0.1:${ports[0]}`],
    ['127.0.0.1:8082', `127.0.0.1:${ports[1]}`],
    ['hash $remote_addr consistent;', isSticky ? 'hash $remote_addr consistent;' : ''],
    ['proxy_read_timeout 75s', `proxy_read_timeout ${readTimeoutSeconds}s`],
    // One process, as this program's child, that leaves nothing behind.
    ['worker_processes auto;', `worker_processes 1;\ndaemon off;\npid nginx.pid;\nerror_log stderr;`],
    ['http {', `http {\n  access_log off;\n${temporaryPaths}`],
  ]);
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, config);
  const program = new Program({
    command: 'nginx',
    args: ['-p', folder, '-e', 'stderr', '-c', file],
    port,
    hello: 'GET /healthz HTTP/1.0\r\n\r\n',
    greets: (answer) => answer.startsWith('HTTP/'),
  });
  const close = async () => {
    await program.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await program.start();
  } catch (error) {
    await close();
    throw error;
  }
  return { port, close };
}

const temporaryPaths = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  .map((name) => `  ${name}_temp_path ${name};`)
  .join('\n');

/** A text that is not found would leave a test that proves nothing. */
function changed(text: string, replacements: readonly (readonly [string, string])[]): string {
  let result = text;
  for (const [from, to] of replacements) {
    if (!result.includes(from)) throw new Error(`docs/nginx.conf does not say "${from}" any more`);
    result = result.replace(from, to);
  }
  return result;
}
