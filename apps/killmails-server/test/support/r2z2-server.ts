import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { listen } from '@roomcast/testing';
import { onTestFinished } from 'vitest';

/** How the server answers a file; a text is its body. */
export type Behaviour = string | ((response: ServerResponse) => void);

export interface SeenRequest {
  path: string;
  headers: IncomingHttpHeaders;
}

/** zKillboard's feed as it behaves: numbered files, 404 for those that are not there. */
export class R2z2Server {
  readonly requests: SeenRequest[] = [];
  readonly files = new Map<string, Behaviour[]>();
  url = '';

  /** What is answered for a file: the first behaviour once, and so on; the last one from then on. */
  put(file: number | 'sequence', ...behaviours: Behaviour[]): void {
    this.files.set(`/ephemeral/${file}.json`, behaviours);
  }

  /** Files with these killmails, one number each. */
  putAll(first: number, bodies: readonly object[]): void {
    for (const [index, body] of bodies.entries()) this.put(first + index, JSON.stringify(body));
  }

  sequence(sequence: number): void {
    this.put('sequence', JSON.stringify({ sequence }));
  }

  /** The files that were asked for, in order: `sequence`, `12`, … */
  get asked(): string[] {
    return this.requests.map(({ path }) => path.replace('/ephemeral/', '').replace('.json', ''));
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      this.requests.push({ path: request.url ?? '', headers: request.headers });
      const behaviours = this.files.get(request.url ?? '');
      const behaviour = behaviours !== undefined && behaviours.length > 1 ? behaviours.shift() : behaviours?.[0];
      if (behaviour === undefined) status(404)(response);
      else if (typeof behaviour === 'string') response.end(behaviour);
      else behaviour(response);
    });
    const listening = await listen(server);
    onTestFinished(() => listening.close());
    this.url = listening.http;
    return this;
  }
}

export function status(code: number, headers: Record<string, string> = {}): Behaviour & ((r: ServerResponse) => void) {
  return (response) => void response.writeHead(code, headers).end();
}

/** Takes the request and never answers. */
export const hang: Behaviour = () => {};

/** Begins an answer and breaks the connection. */
export const breakOff: Behaviour = (response) => {
  response.writeHead(200, { 'Content-Length': '1000' });
  response.write('{"killmail_id":', () => response.destroy());
};
