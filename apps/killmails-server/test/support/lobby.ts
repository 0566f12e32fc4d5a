import { openClient, type TestClient } from '@roomcast/testing';

export interface Frame {
  event: string;
  payload: Record<string, unknown>;
}

/** A client that has joined the lobby, in the frames of the second serializer. */
export async function joinLobby(httpUrl: string, token: string, payload: object): Promise<TestClient> {
  const url = `${httpUrl.replace('http', 'ws')}/socket/websocket?token=${token}&vsn=2.0.0`;
  const client = await openClient(url);
  client.send(['1', '1', 'killmails:lobby', 'phx_join', payload]);
  const { payload: reply } = await nextFrame(client);
  if (reply.status !== 'ok') throw new Error(`joining failed: ${JSON.stringify(reply)}`);
  return client;
}

async function nextFrame(client: TestClient): Promise<Frame> {
  const [, , , event, payload] = await client.nextJson<[string, string, string, string, Frame['payload']]>();
  return { event, payload };
}

/** The next frame with this event; others are passed over. */
export async function nextOf(client: TestClient, event: string): Promise<Frame['payload']> {
  for (;;) {
    const frame = await nextFrame(client);
    if (frame.event === event) return frame.payload;
  }
}
