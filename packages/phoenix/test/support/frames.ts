import { openClient, type TestClient } from '@roomcast/testing';

/** `[join_ref, ref, topic, event, payload]` */
export type Frame = [joinRef: unknown, ref: unknown, topic: unknown, event: unknown, payload: unknown];

/** A client that has joined a topic; join_ref and ref of the join are "1". */
export async function joined(url: string, topic: string, payload: unknown = {}): Promise<TestClient> {
  const client = await openClient(url);
  client.send(['1', '1', topic, 'phx_join', payload]);
  await client.nextJson();
  return client;
}

/** Everything that has come when the server has handled what was sent, and a turn later, for what handlers awaited. */
export async function settledFrames(client: TestClient): Promise<Frame[]> {
  return [...(await framesUntilNow(client)), ...(await framesUntilNow(client))];
}

/** Everything that comes before the answer to a heartbeat sent now. */
export async function framesUntilNow(client: TestClient): Promise<Frame[]> {
  client.send([null, 'now', 'phoenix', 'heartbeat', {}]);
  const frames: Frame[] = [];
  for (;;) {
    const frame = await client.nextJson<Frame>();
    if (frame[1] === 'now' && frame[2] === 'phoenix') return frames;
    frames.push(frame);
  }
}

export function replyTo(
  ref: string,
  topic: string,
  response: unknown,
  status = 'ok',
  joinRef: string | null = '1',
): Frame {
  return [joinRef, ref, topic, 'phx_reply', { response, status }];
}

/** A promise and how to settle it. */
export function gate<Value = void>(): { opened: Promise<Value>; open: (value: Value) => void } {
  let open!: (value: Value) => void;
  const opened = new Promise<Value>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}
