import { createServer as createHttp, type RequestListener, type Server } from 'node:http';
import { createServer as createHttps } from 'node:https';

/** What a server is started with, beside its name. */
export interface ServerOptions {
  /** 0: any free one. */
  readonly port: number;
  /** @default no TLS */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Asks for a token in the query, and verifies it. @default everybody is let in */
  readonly jwt?: boolean;
  /** Has a publish API over HTTP. @default events come in by WebSocket only */
  readonly http?: boolean;
  /** Watches its event loop, and tells of it when asked on the channel to its parent. @default not watched */
  readonly watchLoop?: boolean;
  /** The way to other instances, over Redis or NATS. @default it is alone */
  readonly busUrl?: string;
}

/** A server that can be listened to. */
export type Start = (options: ServerOptions) => Server | Promise<Server>;

/** An HTTP or HTTPS server, as the options say. */
export function httpServer({ tls }: ServerOptions, listener?: RequestListener): Server {
  return tls === undefined ? createHttp(listener) : (createHttps(tls, listener) as unknown as Server);
}
