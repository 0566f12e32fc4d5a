import { type Filter, pingMessage, subscribeMessage } from '../../dialects/raffle.js';
import { Crowd } from '../crowd.js';
import { type Sample, type Samples, sample } from '../meter.js';
import type { Site } from '../site.js';
import { TrafficSource } from '../traffic.js';
import { settled } from '../wait.js';

/** One who hears an event, and many others whose filters do not match it. */
export interface FiltersLoad {
  readonly mode: 'filters';
  /** Subscriptions of the others, phase by phase, rising. */
  readonly others: readonly number[];
  readonly seconds: number;
}

const perConnection = 100;

/** Samples `otherN`: CPU µs per event, all of it, with N subscriptions that do not match. */
export async function filters({ others, seconds }: FiltersLoad, site: Site): Promise<Samples> {
  const crowd = new Crowd(site.target, site.speech);
  await crowd.enter(crowd.members(1, () => ['r0']));
  const publishers = await crowd.enter(crowd.publishers(1));
  // All are connected from the start: what grows between the phases is the subscriptions alone.
  const idle = await crowd.enter(crowd.members(Math.max(...others) / perConnection, () => [], 1));
  await crowd.quiet();
  const source = new TrafficSource(crowd, { publishers, rooms: [{ name: 'r0', members: 1 }] }, site.placement);
  await source.saturate(1, seconds, seconds / 2);
  const samples: Record<string, Sample> = {};
  let subscribed = 0;
  for (const count of others) {
    let answers = 0;
    crowd.onFrames = (_client, frames) => {
      answers += frames;
    };
    const more = idle.slice(subscribed / perConnection, count / perConnection);
    for (const [n, client] of more.entries()) {
      client.send(
        subscribeMessage(Array.from({ length: perConnection }, (_, i) => otherFilter(n * perConnection + i))),
      );
      client.send(pingMessage);
    }
    if (!(await settled(() => answers >= more.length, 20_000))) throw new Error('subscribing took too long');
    subscribed = Math.max(count, subscribed);
    const traffic = await source.saturate(1, seconds / 4, seconds);
    samples[`others${count}`] = sample(traffic.serverMicros / Math.max(1, traffic.events), traffic.doubt);
  }
  return samples;
}

const types = ['box_purchased', 'all', 'winner_selected', 'raffle_full'];

/** Of every shape, and about other raffles. */
function otherFilter(n: number): Filter {
  return {
    event_type: types[n % types.length] ?? 'all',
    raffle_id: `raffle-${n}`,
    item_id: n % 2 === 0 ? null : `item-${n}`,
    user_id: n % 3 === 0 ? `user-${n}` : null,
    room: n % 5 === 0 ? `raffle_${n}` : null,
  };
}
