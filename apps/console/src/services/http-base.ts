/** How the paths of the services' WebSockets end. What stands before is a prefix, which their HTTP side has too. */
const socketPaths = /\/(api\/v1\/ws|ws|socket(\/websocket)?|websocket\/connect|socket\.io)\/?$/;

/** Where a service's HTTP side is, from where its WebSocket is; undefined for what is no URL. No slash at its end. */
export function httpBaseOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, pathname } = new URL(url);
  const scheme = { 'ws:': 'http:', 'http:': 'http:', 'wss:': 'https:', 'https:': 'https:' }[protocol];
  return scheme && `${scheme}//${host}${pathname.replace(socketPaths, '').replace(/\/+$/, '')}`;
}
