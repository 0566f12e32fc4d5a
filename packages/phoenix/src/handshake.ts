import type { IncomingMessage } from 'node:http';

/**
 * What is wrong with a WebSocket handshake, in the words of the original; undefined where nothing is. Later faults are
 * left unsaid, as there.
 */
export function handshakeFault({ headers }: Pick<IncomingMessage, 'headers'>): string | undefined {
  return (
    lacks('connection', 'upgrade', headers.connection) ??
    lacks('upgrade', 'websocket', headers.upgrade) ??
    (headers['sec-websocket-key'] === undefined ? "'sec-websocket-key' header is absent" : undefined) ??
    isNot('sec-websocket-version', '13', headers['sec-websocket-version'])
  );
}

function lacks(name: string, wanted: string, value: string | undefined): string | undefined {
  const items = (value ?? '').split(',').map((item) => item.trim().toLowerCase());
  return items.includes(wanted) ? undefined : `'${name}' header must contain '${wanted}', got ${inspect(value)}`;
}

function isNot(name: string, wanted: string, value: string | undefined): string | undefined {
  return value === wanted ? undefined : `'${name}' header must equal '${wanted}', got ${inspect(value)}`;
}

function inspect(value: string | undefined): string {
  return JSON.stringify(value === undefined ? [] : [value]);
}
