// Prints what happens in Discord guilds: node watch.mjs GUILD_ID…
//
//     npm install @roomcast/spywatcher-client
//     SPYWATCHER_TOKEN=… node watch.mjs 80351110224678912
//
// SPYWATCHER_URL (http://127.0.0.1:3001) and SPYWATCHER_TOKEN (an access token) say where and as whom.
import { spywatcherClient } from '@roomcast/spywatcher-client';

const client = spywatcherClient({
  url: process.env.SPYWATCHER_URL ?? 'http://127.0.0.1:3001',
  token: process.env.SPYWATCHER_TOKEN,
});

client.on('error', (error) => console.error(error.message));

for (const guildId of process.argv.slice(2)) {
  client.subscribeToAnalytics(guildId, ({ data, timestamp }) => {
    const ghosts = data.ghosts.map(({ username, ghostScore }) => `${username} (${ghostScore})`);
    console.log(`${timestamp} guild ${guildId}: ghosts ${ghosts.join(', ') || 'none'}`);
  });
  client.subscribeToGuild(guildId, ({ event, data }) => {
    console.log(`${data.timestamp} guild ${guildId}: ${event} ${data.username}`);
  });
}

await client.ready;
console.log(`watching ${client.subscriptions.map(({ kind, guildId }) => `${kind}:${guildId}`).join(' ')}`);
