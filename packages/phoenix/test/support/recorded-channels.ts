import { type ChannelDefinition, error, ok, reply, stop } from '../../src/index.js';

const systemId = 30000142;
const bytes = Buffer.from('010203ff', 'hex');
const notIntegers = error({ reason: 'System IDs must be integers' });

interface Subscription {
  systems: number[];
}

const killmails: ChannelDefinition<unknown, Subscription> = {
  join(payload, channel) {
    if (channel.topic !== 'killmails:lobby') return error({ reason: 'unknown channel' });
    channel.data = { systems: [] };
    if (!isObject(payload)) return ok({ odd_payload: payload });
    if (payload.crash_join) throw new Error('crash_join');
    if (payload.plain) return ok();
    const systems = (payload.systems ?? []) as unknown[];
    if (systems.length > 100) return error({ reason: 'Too many systems (max: 100)' });
    if (!systems.every(Number.isInteger)) return notIntegers;
    channel.data.systems = systems as number[];
    return ok({ status: 'connected', subscribed_systems: systems, subscription_id: 'sub-1' });
  },

  message(event, payload, channel) {
    const update = { killmails: [], p: payload, system_id: systemId };
    const { data, session } = channel;
    switch (event) {
      case 'get_status':
        return ok({ subscribed_systems: data.systems, subscription_id: 'sub-1' });
      case 'subscribe_systems': {
        const systems = systemsOf(payload);
        if (!systems.every(Number.isInteger)) return notIntegers;
        if (systems.some((system) => system > 32_000_000)) return error({ reason: 'Invalid system IDs' });
        data.systems = [...data.systems, ...systems];
        return ok({ subscribed_systems: data.systems });
      }
      case 'unsubscribe_systems': {
        const systems = systemsOf(payload);
        data.systems = data.systems.filter((system) => !systems.includes(system));
        return ok({ subscribed_systems: data.systems });
      }
      case 't_echo':
        return ok({ echo: payload });
      case 't_reply_atom':
        return ok();
      case 't_reply_custom':
        return reply('custom', { p: payload });
      case 't_async':
        return Promise.resolve(ok({ async: true }));
      case 't_noreply':
        return;
      case 't_crash':
        throw new Error('t_crash');
      case 't_stop_normal':
        return stop('normal');
      case 't_stop_shutdown_reply':
        return stop('shutdown', ok({ bye: true }));
      case 't_stop_error':
        return stop('error', error({ bad: true }));
      case 't_push':
        channel.push('killmail_update', update);
        return;
      case 't_push_then_reply':
        channel.push('kill_count_update', { count: 1 });
        return ok(payload);
      case 't_broadcast':
        channel.broadcast('killmail_update', update);
        return;
      case 't_broadcast_from':
        channel.broadcast('killmail_update', update, { except: session });
        return;
      case 't_broadcast_intercepted':
        channel.push('intercepted', { p: payload, via: 'handle_out' });
        return;
      case 't_echo_bin':
        return ok(payload);
      case 't_reply_bin':
        return ok(Buffer.from([9, 8]));
      case 't_push_bin':
        channel.push('bin', bytes);
        return;
      case 't_broadcast_bin':
        channel.broadcast('bin', bytes);
        return;
      default:
        throw new Error(`no such event: ${event}`);
    }
  },
};

// The recorded rooms had Presence; here their channel makes its frames.
const room: ChannelDefinition = {
  join: () => ok(),
  joined(channel) {
    const anon = { metas: [{ online_at: 1, phx_ref: '<REF>' }] };
    queueMicrotask(() => {
      channel.broadcast('presence_diff', { joins: { anon }, leaves: {} });
      channel.push('presence_state', { anon });
    });
  },
  message() {},
};

/** What the channels of the recorded servers did, as far as their traces tell. */
export const recordedChannels: Record<string, ChannelDefinition> = { 'killmails:*': killmails, 'room:*': room };

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function systemsOf(payload: unknown): number[] {
  const systems = isObject(payload) ? payload.systems : undefined;
  if (!Array.isArray(systems)) throw new TypeError('systems is no list');
  return systems;
}
