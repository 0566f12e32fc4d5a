/** A JSON answer. */
export function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(JSON.stringify(body), { status, headers: { 'Content-Type': 'application/json', ...headers } });
}

/** The JSON answer of everything that went wrong: `{error, …}`. */
export function errorAnswer(
  status: number,
  error: string,
  more: Readonly<Record<string, unknown>> = {},
  headers?: Readonly<Record<string, string>>,
): Response {
  return answer(status, { error, ...more }, headers);
}
