import { connect } from 'node:net';
import { patienceMs } from '@roomcast/testing';

/** Sends bytes to a port and resolves to everything that came back until the server ended the connection. */
export function exchange(port: number, bytes: string, host = '127.0.0.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => socket.write(bytes));
    let received = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk) => {
      received += chunk;
    });
    socket.on('end', () => socket.end());
    socket.on('close', () => resolve(received));
    socket.on('error', reject);
    socket.setTimeout(patienceMs, () => socket.destroy(new Error('the server did not end the connection')));
  });
}
