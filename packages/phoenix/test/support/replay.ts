import { request } from 'node:http';
import { textFrame } from '@roomcast/engine';
import type { ManualClock } from '@roomcast/testing';
import { Observer } from './observer.js';
import { exchange, maskedFrame, upgradeRequest } from './raw-socket.js';
import type { RecordedServer } from './recorded-server.js';
import { answer, clientText, fromHead, type Observed, type TraceEvent, type TraceLine } from './trace.js';

/** Where a line is replayed. The clock is the server's. */
export interface Stage {
  server: RecordedServer;
  clock: ManualClock;
}

/** Plays the client's part of a line and returns what the server did. */
export async function replay(line: TraceLine, stage: Stage): Promise<Observed[]> {
  const first = line.trace[0];
  if (first?.c === 'http') return replayHttp(line, stage);
  if (line.scenario.startsWith('raw upgrade: ')) return replayRaw(line, stage);
  if (line.trace.some(({ c }) => c === 'raw')) return replayBytes(line, stage);
  const observer = new Observer(stage.server.ws + pathOf(line), line);
  try {
    await play(observer, line, stage);
  } finally {
    observer.terminate();
  }
  return [...observer.observed];
}

async function play(observer: Observer, line: TraceLine, stage: Stage): Promise<void> {
  await observer.handshake();
  const v1 = !pathOf(line).includes('vsn=2');
  for (const event of line.trace) {
    if (event.c === undefined) continue;
    act(observer, event);
    if (event.c === 'close') await observer.untilClosed();
    else await observer.fence(v1);
  }
  await serverActs(observer, line, stage);
  // Twice, so that what a handler does in a later turn has come too.
  await observer.fence(v1);
  await observer.fence(v1);
}

function act(observer: Observer, { c, d = '', hex = '', code = 1000 }: TraceEvent): void {
  if (c === 'text') observer.send(clientText(d));
  else if (c === 'bin') observer.send(Buffer.from(hex, 'hex'));
  else if (c === 'ping') observer.ping(d);
  else if (c === 'close') observer.close(code);
}

/** What happened on the recorded server without the client's doing. */
async function serverActs(observer: Observer, line: TraceLine, { server, clock }: Stage): Promise<void> {
  const { scenario } = line;
  if (scenario.startsWith('channel process killed')) {
    for (const session of server.socket.mount.sessions) session.data.channels.get('killmails:lobby')?.stop('error');
  } else if (scenario.startsWith('broadcast from Endpoint')) {
    server.socket.broadcast('killmails:lobby', 'killmail_update', { d: 'xxxx', i: 1 });
  } else if (scenario.startsWith('socket disconnect')) {
    server.socket.mount.disconnect({ identity: 'disc' });
    await observer.untilClosed();
  } else if (scenario.startsWith('graceful shutdown')) {
    void server.engine.drain(1000);
    await observer.untilClosed();
  } else if (scenario.endsWith('no client data vsn=2.0.0')) {
    await clock.advance(2100);
    await observer.untilClosed();
  } else if (scenario.includes('server pushes')) {
    const pushes = line.trace.filter(({ d }) => d?.includes('"ev"')).length;
    for (let push = 0; push < pushes; push++) {
      await clock.advance(450);
      server.impatient.broadcast('killmails:lobby', 'ev', { d: 'x', i: 1 });
    }
    await clock.advance(2100 - pushes * 450);
    await observer.untilClosed();
  } else if (scenario.includes('ws ping resets')) {
    for (let ping = 0; ping < 8; ping++) {
      await clock.advance(500);
      await observer.keepAlive();
    }
    if (observer.open) observer.observed.push({ stillOpen: true });
  }
}

async function replayHttp(line: TraceLine, { server }: Stage): Promise<Observed[]> {
  const observed: Observed[] = [];
  for (const { c, m, path, headers, body } of line.trace) {
    if (c !== 'http') continue;
    observed.push(
      await new Promise<Observed>((resolve, reject) => {
        const options = { method: m ?? 'GET', headers: { connection: 'close', ...headers } };
        const sent = request(server.http + path, options, (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => {
            text += chunk;
          });
          response.on('end', () => resolve(answer(response.statusCode ?? 0, text, response.headers)));
        });
        sent.on('error', reject);
        sent.end(body);
      }),
    );
  }
  return observed;
}

const heartbeat = '[null,"1","phoenix","heartbeat",{}]';

/** The bytes that followed the upgrade; the traces have its request and the answer only. */
const rawFrames: Record<string, { withHead?: Buffer; afterHead?: Buffer }> = {
  'early data: heartbeat in same segment as upgrade': { withHead: maskedFrame(0x81, heartbeat) },
  'fragmented text + interleaved ping': {
    afterHead: Buffer.concat([
      maskedFrame(0x01, heartbeat.slice(0, 10)),
      maskedFrame(0x89, 'hi'),
      maskedFrame(0x80, heartbeat.slice(10)),
    ]),
  },
  'RSV1 set without deflate': { afterHead: maskedFrame(0xc1, heartbeat) },
  'unknown opcode 3': { afterHead: maskedFrame(0x83, 'x') },
  'close frame without code': { afterHead: maskedFrame(0x88, '') },
  'ping payload 126 bytes': { afterHead: maskedFrame(0x89, 'x'.repeat(126)) },
};

/** A heartbeat after the frames, whose answer says that the server has handled them; then the client closes. */
const fence = maskedFrame(0x81, '[null,"fence","phoenix","heartbeat",{}]');
const fenceAnswer = textFrame('[null,"fence","phoenix","phx_reply",{"response":{},"status":"ok"}]');
const fenced = `${fenceAnswer.toString('hex')}880203e8`;

async function replayRaw({ scenario, trace }: TraceLine, { server }: Stage): Promise<Observed[]> {
  const { withHead = Buffer.alloc(0), afterHead = Buffer.alloc(0) } = rawFrames[scenario.slice(13)] ?? {};
  const { head, body, hex } = await exchange(server.port, trace[0]?.d as string, {
    withHead,
    afterHead: Buffer.concat([afterHead, fence]),
    closeAfter: fenceAnswer,
  });
  const frames = hex.endsWith(fenced) ? hex.slice(0, -fenced.length) : hex;
  return fromHead(head, head.startsWith('HTTP/1.1 101') ? frames : body);
}

/** Lines with bytes that a WebSocket client would not send. */
async function replayBytes(line: TraceLine, { server }: Stage): Promise<Observed[]> {
  const afterHead = line.scenario.startsWith('invalid UTF-8')
    ? maskedFrame(0x81, Buffer.from([0xff, 0xfe]))
    : Buffer.concat([Buffer.from([0x81, 2]), Buffer.from('hi')]);
  const { head, hex } = await exchange(server.port, upgradeRequest(pathOf(line)), { afterHead });
  const observed: Observed[] = head.startsWith('HTTP/1.1 101') ? [{ open: true }] : [];
  const close = /^8802(....)$/.exec(hex);
  return [
    ...observed,
    close === null ? { frames: hex } : { close: Number.parseInt(close[1] as string, 16), reason: '' },
  ];
}

/** The shutdowns were recorded without their URL. */
function pathOf({ path, scenario }: TraceLine): string {
  if (path !== undefined) return path;
  return `/socket/websocket?token=test-token&vsn=${scenario.includes('vsn=1.0.0') ? '1.0.0' : '2.0.0'}`;
}
