// Prints the kills of some EVE Online systems as they happen, with nothing but the official Phoenix client.
//
//     npm install phoenix ws
//     node watch-official.mjs 30000142 30002187
//
// KILLMAILS_URL (ws://127.0.0.1:4004) and KILLMAILS_TOKEN (test-token) say where and as whom.
import { Socket } from 'phoenix';
import WebSocket from 'ws';

const url = process.env.KILLMAILS_URL ?? 'ws://127.0.0.1:4004';
const token = process.env.KILLMAILS_TOKEN ?? 'test-token';
const systems = process.argv.slice(2).map(Number);

// Node 20 has no WebSocket of its own; without one the client would try long polling and wait for ever.
const socket = new Socket(`${url}/socket`, { params: { token }, transport: WebSocket });
socket.connect();

const channel = socket.channel('killmails:lobby', { systems: systems.length > 0 ? systems : [30000142] });
channel.on('killmail_update', ({ system_id, killmails }) => {
  for (const { kill_time, victim } of killmails) {
    const who = victim.character_name ?? 'somebody';
    console.log(`${kill_time} system ${system_id}: ${who} lost a ${victim.ship_type_name ?? 'something'}`);
  }
});
channel.on('kill_count_update', ({ system_id, count }) => {
  console.log(`system ${system_id}: ${count} kills in the last day`);
});
channel
  .join()
  .receive('ok', ({ subscribed_systems }) => console.log(`watching ${JSON.stringify(subscribed_systems)}`))
  .receive('error', ({ reason }) => {
    console.error(`refused: ${reason}`);
    process.exit(1);
  });
