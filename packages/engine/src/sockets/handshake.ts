import { hash } from 'node:crypto';
import { type Refusal, refuse } from './refusal.js';
import { offeredProtocols, type UpgradeRequest } from './upgrade-request.js';

/** What a server puts behind the client's key before it hashes it (RFC 6455, 1.3). */
const guid = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
const version = '13';
/** Sixteen bytes in base64. */
const key = /^[+/0-9A-Za-z]{22}==$/;
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** Why a request is no valid opening handshake (RFC 6455, 4.2.1), or undefined. */
export function handshakeProblem({ raw, headers }: UpgradeRequest): Refusal | undefined {
  if (raw.method !== 'GET') return refuse(405, 'A WebSocket begins with GET', { Allow: 'GET' });
  if (headers.upgrade?.toLowerCase() !== 'websocket') return refuse(400, 'Upgrade: expected websocket');
  if (headers['sec-websocket-version'] !== version) {
    const expected = { 'Sec-WebSocket-Version': version };
    return refuse(400, `Sec-WebSocket-Version: expected ${version}`, expected);
  }
  if (!key.test(headers['sec-websocket-key'] ?? '')) {
    return refuse(400, 'Sec-WebSocket-Key: expected 16 bytes in base64');
  }
  // As the headers are now: a wire may have taken something out of them that only it understands.
  const protocols = offeredProtocols(headers);
  if (!protocols.every((protocol) => token.test(protocol)) || new Set(protocols).size < protocols.length) {
    return refuse(400, 'Sec-WebSocket-Protocol: expected names, each once');
  }
  return undefined;
}

/** The answer that makes the connection of a valid request a WebSocket. */
export function handshakeAnswer({ headers }: UpgradeRequest, protocol?: string): string {
  const accept = hash('sha1', `${headers['sec-websocket-key']}${guid}`, 'base64');
  const chosen = protocol === undefined ? '' : `Sec-WebSocket-Protocol: ${protocol}\r\n`;
  return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n${chosen}\r\n`;
}
