import type { ServiceName } from './names.js';

/** A request that only one of the services answers in its way. */
export interface Sign {
  readonly path: string;
  /** @param body JSON where it is JSON, else the text */
  isAnswer(body: unknown): boolean;
}

/** By what each service is known over HTTP: paths of their documents, so that the original services have them too. */
export const signs: Readonly<Record<ServiceName, Sign>> = {
  killmails: { path: '/websocket', isAnswer: (body) => has(body, 'channels') && has(body, 'websocket_url') },
  falcon: { path: '/websocket/status', isAnswer: (body) => has(body, 'module') && has(body, 'stats') },
  spywatcher: {
    path: '/socket.io/?EIO=4&transport=polling',
    isAnswer: (body) => (typeof body === 'string' ? body.startsWith('0{') : has(body, 'code') && has(body, 'message')),
  },
  raffle: { path: '/ws/stats', isAnswer: (body) => has(body, 'authenticated_connections') },
  vmax: { path: '/health', isAnswer: (body) => has(body, 'status') && has(body, 'version') && has(body, 'timestamp') },
};

function has(body: unknown, field: string): boolean {
  return typeof body === 'object' && body !== null && field in body;
}
