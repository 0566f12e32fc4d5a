export { builtConsole } from './build.js';
export { type ConsolePageOptions, type ConsoleService, type ConsoleSettings, consolePage } from './page.js';
