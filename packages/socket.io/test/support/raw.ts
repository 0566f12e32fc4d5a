import type { Listening } from '@roomcast/testing';
import { openClient, type TestClient } from '@roomcast/testing';

/** An Engine.IO connection over WebSocket that writes its packets itself. */
export async function rawSocket(instance: Pick<Listening, 'ws'>, path = '/socket.io/'): Promise<TestClient> {
  const client = await openClient(`${instance.ws}${path}?EIO=4&transport=websocket`);
  await client.next();
  return client;
}

/** The same, in the root namespace. */
export async function rawConnected(instance: Pick<Listening, 'ws'>, auth: object = {}): Promise<TestClient> {
  const client = await rawSocket(instance);
  client.send(`40${JSON.stringify(auth)}`);
  await client.next();
  return client;
}

/** An Engine.IO connection that polls by hand. */
export class Poller {
  readonly url: string;
  sid = '';

  constructor({ http }: Pick<Listening, 'http'>) {
    this.url = `${http}/socket.io/?EIO=4&transport=polling`;
  }

  async open(): Promise<this> {
    const { sid } = JSON.parse((await this.poll()).slice(1)) as { sid: string };
    this.sid = sid;
    return this;
  }

  async poll(): Promise<string> {
    return (await fetch(this.address)).text();
  }

  async post(body: string, headers: Record<string, string> = {}): Promise<number> {
    const answer = await fetch(this.address, {
      method: 'POST',
      body,
      headers: { 'content-type': 'text/plain', ...headers },
    });
    await answer.text();
    return answer.status;
  }

  get address(): string {
    return this.sid === '' ? this.url : `${this.url}&sid=${this.sid}`;
  }
}
