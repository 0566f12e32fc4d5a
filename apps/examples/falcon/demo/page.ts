import { fileURLToPath } from 'node:url';
import { build, defaultClientConditions, type InlineConfig, preview } from 'vite';

export interface DemoPage {
  readonly url: string;
  close(): Promise<void>;
}

export interface DemoPageOptions {
  /** A falcon server with `DEMO=1`: `http://127.0.0.1:3000`. */
  server: string;
  /** Where the page is; 0: any free port. */
  port: number;
}

/**
 * Builds the page and serves it. Its server passes the WebSocket and the sign-in on to the falcon server, so that for a
 * browser all is one site and the cookie is sent.
 */
export async function serveDemoPage({ server, port }: DemoPageOptions): Promise<DemoPage> {
  // Read by the build, as an application's .env file would be.
  process.env.VITE_WS_URL = '/websocket/connect';
  const config: InlineConfig = {
    configFile: false,
    logLevel: 'warn',
    root: fileURLToPath(new URL('.', import.meta.url)),
    resolve: { conditions: ['@roomcast/source', ...defaultClientConditions] },
    build: { emptyOutDir: true },
    preview: {
      host: '127.0.0.1',
      port,
      proxy: { '/websocket': { target: server, ws: true }, '/demo': { target: server } },
    },
  };
  await build(config);
  const site = await preview(config);
  return { url: String(site.resolvedUrls?.local[0]), close: () => site.close() };
}
