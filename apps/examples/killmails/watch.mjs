// Prints the kills of some EVE Online systems as they happen.
//
//     npm install @roomcast/killmails-client
//     node watch.mjs 30000142 30002187
//
// KILLMAILS_URL (ws://127.0.0.1:4004) and KILLMAILS_TOKEN (test-token) say where and as whom.
import { createKillmailsClient } from '@roomcast/killmails-client';

const systems = process.argv.slice(2).map(Number);
const client = createKillmailsClient({
  url: process.env.KILLMAILS_URL ?? 'ws://127.0.0.1:4004',
  token: process.env.KILLMAILS_TOKEN ?? 'test-token',
  systems: systems.length > 0 ? systems : [30000142],
});

client.on('error', (error) => console.error(error.message));
client.on('kill_count_update', ({ system_id, count }) => {
  console.log(`system ${system_id}: ${count} kills in the last day`);
});

await client.ready;
console.log(`watching ${JSON.stringify(client.systems)}`);

for await (const { kill_time, system_id, victim } of client) {
  const who = victim.character_name ?? 'somebody';
  console.log(`${kill_time} system ${system_id}: ${who} lost a ${victim.ship_type_name ?? 'something'}`);
}
