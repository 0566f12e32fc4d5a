// A file of its own: only programs that connect load `ws` in Node, and package.json says what other platforms get.
export { openSocket } from '#open-socket';
