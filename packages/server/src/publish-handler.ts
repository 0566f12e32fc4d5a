import { answer } from './answers.js';
import { readBody } from './body.js';
import { PublishApi, type PublishOptions } from './publish.js';

/**
 * The publish API of one gateway as a function from a request to its answer, for servers that have those:
 * `app.post(path, (c) => publish(c.req.raw))` in Hono. Express and node:http take `publishListener`.
 */
export function publishHandler(options: PublishOptions): (request: Request) => Promise<Response> {
  const api = new PublishApi(options);
  return async (request) => {
    const { status, body, headers } = await api.answer({
      method: request.method,
      header: (name) => request.headers.get(name) ?? undefined,
      body: (maxBytes) => readBody(request, maxBytes),
    });
    return answer(status, body, headers);
  };
}
