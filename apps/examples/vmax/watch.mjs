// Prints what happens in a VMAX fleet.
//
//     npm install @roomcast/vmax-client
//     node watch.mjs
//
// VMAX_URL (ws://127.0.0.1:8080), VMAX_EMAIL and VMAX_PASSWORD (the demo's fleet manager) say where and as whom.
import { createVmaxClient } from '@roomcast/vmax-client';

const client = createVmaxClient({
  url: process.env.VMAX_URL ?? 'ws://127.0.0.1:8080',
  login: {
    email: process.env.VMAX_EMAIL ?? 'manager@paintballparadise.com',
    password: process.env.VMAX_PASSWORD ?? 'Password123!',
  },
});

client.on('error', (error) => console.error(error.message));
client.on('REGULATOR_CHECKED_OUT', ({ barcode, firstName, lastName }, timestamp) => {
  console.log(`${timestamp} ${barcode} goes to ${firstName} ${lastName}`);
});
client.on('REGULATOR_CHECKED_IN', ({ barcode, durationMinutes }, timestamp) => {
  console.log(`${timestamp} ${barcode} is back after ${durationMinutes} min`);
});
client.on('TELEMETRY_RECEIVED', ({ regulatorId, soc, soh }, timestamp) => {
  console.log(`${timestamp} ${regulatorId}: charge ${soc} %, health ${soh} %`);
});

const { role, subscriptions } = await client.ready;
console.log(`connected as ${role}, subscribed to ${subscriptions.join(', ') || 'nothing'}`);
