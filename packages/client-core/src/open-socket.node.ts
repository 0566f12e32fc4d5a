import { WebSocket } from 'ws';
import type { OpeningSocket, Target } from './web-socket.js';

// A peer that does not answer our close is gone: its socket must not keep the process alive for ws's 30 s.
const limits = { closeTimeout: 2_000, maxPayload: 16 * 1024 * 1024 };

/** Node: `ws`, as Node 20 has no WebSocket of its own and later ones hide why a connection was refused. */
export function openSocket({ url, headers }: Target): OpeningSocket {
  let status: number | undefined;
  const socket = new WebSocket(url, { ...limits, headers: { ...headers } });
  socket.on('unexpected-response', (_request, response) => {
    status = response.statusCode;
    response.resume();
    socket.terminate();
  });
  return { socket, refusalStatus: () => status };
}
