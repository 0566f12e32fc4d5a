import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { start, tokenOf } from './support/server.js';

const python = ['/usr/bin/python3', 'python3'].find(
  (command) => spawnSync(command, ['-c', 'import websockets']).status === 0,
);

const program = `
import asyncio, json, sys, websockets

async def main(url, cookie):
    async with websockets.connect(url, extra_headers={"Cookie": cookie}) as socket:
        async def ask(message):
            await socket.send(json.dumps(message))
            while True:
                frame = json.loads(await asyncio.wait_for(socket.recv(), 10))
                if frame.get("id") == message["id"]:
                    return frame
        welcome = json.loads(await socket.recv())
        frames = [
            await ask({"type": "system", "id": "1", "data": {"action": "join", "room": "thread:1"}}),
            await ask({"type": "message", "id": "2", "room": "thread:1", "timestamp": 1704110400000, "data": {"text": "o7 \\u00e9"}}),
            await ask({"type": "heartbeat", "id": "3"}),
            await ask({"type": "message", "id": "4", "room": "thread:2", "data": {}}),
        ]
        print(json.dumps([welcome] + frames))

asyncio.run(main(sys.argv[1], sys.argv[2]))
`;

describe.skipIf(python === undefined)("Python's websockets", () => {
  it('connects, joins, talks and is answered', async () => {
    const server = await start();
    const url = `${server.url.replace('http', 'ws')}/websocket/connect`;
    const child = spawn(python as string, ['-c', program, url, `falcon_auth_token=${await tokenOf()}`]);
    const printed = { out: '', err: '' };
    child.stdout.on('data', (chunk) => {
      printed.out += chunk;
    });
    child.stderr.on('data', (chunk) => {
      printed.err += chunk;
    });
    const [code] = await once(child, 'close');
    expect([code, printed.err]).toEqual([0, '']);
    const [welcome, ...frames] = JSON.parse(printed.out);
    expect(welcome).toMatchObject({ type: 'system_notification', data: { user_id: 'ada' } });
    expect(frames).toMatchObject([
      { type: 'system', data: { action: 'join', ok: true } },
      { type: 'message', room: 'thread:1', from: welcome.data.connection_id, data: { text: 'o7 é' } },
      { type: 'heartbeat', data: { timestamp: expect.any(String) } },
      { type: 'error', data: { code: 'not_in_room' } },
    ]);
  });
});
