import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { listen } from '@roomcast/testing';
import { onTestFinished } from 'vitest';

/** ESI's `POST /universe/names/`: refuses a whole list for one id that it does not know. */
export class EsiServer {
  readonly lists: number[][] = [];
  readonly headers: IncomingHttpHeaders[] = [];
  /** Ids that have no name here. */
  readonly unknown = new Set<number>();
  /** Answers in its place, where it is set. */
  instead: ((response: ServerResponse) => void) | undefined;
  /** Headers of every refusal. */
  refusalHeaders: Record<string, string> = {};
  url = '';

  name(id: number): string {
    return `Name ${id}`;
  }

  async start(): Promise<this> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      const ids = JSON.parse(Buffer.concat(chunks).toString()) as number[];
      this.lists.push(ids);
      this.headers.push(request.headers);
      const isRoute = request.method === 'POST' && request.url === '/universe/names/';
      if (this.instead !== undefined) this.instead(response);
      else if (!isRoute) response.writeHead(405).end();
      else this.#answer(ids, response);
    });
    const listening = await listen(server);
    onTestFinished(() => listening.close());
    this.url = listening.http;
    return this;
  }

  #answer(ids: number[], response: ServerResponse): void {
    const isValid = ids.length <= 1000 && new Set(ids).size === ids.length && ids.every((id) => id < 2 ** 31);
    if (!isValid) {
      response.writeHead(400, this.refusalHeaders).end();
    } else if (ids.some((id) => this.unknown.has(id))) {
      response.writeHead(404, this.refusalHeaders).end('{"error":"Ensure all IDs are valid before resolving."}');
    } else {
      response.end(JSON.stringify(ids.map((id) => ({ id, name: this.name(id), category: 'character' }))));
    }
  }
}
