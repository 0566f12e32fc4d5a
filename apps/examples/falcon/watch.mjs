// Says hello in a go-falcon chat thread, and prints what is said there, who is around, and what is for oneself.
//
//     npm install @roomcast/falcon-client
//     node watch.mjs
//
// FALCON_URL (ws://127.0.0.1:3000) and FALCON_TOKEN (without: that of somebody of the demo) say where and as whom.
import { createFalconClient } from '@roomcast/falcon-client';

const url = process.env.FALCON_URL ?? 'ws://127.0.0.1:3000';

const client = createFalconClient({ url, token: () => process.env.FALCON_TOKEN ?? demoToken() });

client.on('error', (error) => console.error(error.message));
client.on('presence', ({ data }) => console.log(`${data.userId} is ${data.status}`));
client.on('notification', ({ data }) => console.log(`for you: ${data.message}`));
client.on('system_notification', ({ data }) => console.log(`for everybody: ${data.message}`));
client.onRoom('thread:welcome', ({ type, data, timestamp }) => {
  if (type === 'message') console.log(`${timestamp} ${data.sender}: ${data.text}`);
});

const { userId } = await client.ready;
client.followPresence(userId);
await client.join('thread:welcome').joined;
console.log(`connected as ${userId}, in ${client.rooms.join(', ')}`);
await client.sendMessage({ type: 'message', room: 'thread:welcome', data: { text: 'Hello!', sender: 'watch.mjs' } });

async function demoToken() {
  const session = new URL('/demo/session', url.replace('ws', 'http'));
  const { identities } = await (await fetch(session)).json();
  const body = JSON.stringify({ identity: identities[0].id });
  const answer = await fetch(session, { method: 'POST', body, headers: { 'Content-Type': 'application/json' } });
  return (await answer.json()).token;
}
