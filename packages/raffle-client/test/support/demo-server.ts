import { startDemoServer } from '@roomcast/testing';

interface Stats {
  total_connections: number;
  authenticated_connections: number;
}

/** Runs the raffle server from its sources, with its demonstration feed, until the test is over. */
export async function startRaffleDemo() {
  const { url, token } = await startDemoServer('raffle');
  return {
    url: `${url.replace('http', 'ws')}/ws`,
    token,
    stats: async () => (await (await fetch(`${url}/ws/stats`)).json()) as Stats,
  };
}
