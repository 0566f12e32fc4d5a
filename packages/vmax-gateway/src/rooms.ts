import type { Channel } from '@roomcast/vmax-protocol';

const fleetPrefix = 'fleet:';
const regulatorPrefix = 'regulator:';

/** The room of a fleet's channel; also what a client is told of it. */
export const fleetRoom = (fleetId: string): string => fleetPrefix + fleetId;

/** The room of a regulator's channel. */
export const regulatorRoom = (regulatorId: string): string => regulatorPrefix + regulatorId;

/** The room of a channel. */
export function roomOf(channel: Channel): string {
  return channel.channel === 'fleet' ? fleetRoom(channel.fleetId) : regulatorRoom(channel.regulatorId);
}

/** The channel of a room. */
export function channelOf(room: string): Channel {
  return room.startsWith(fleetPrefix)
    ? { channel: 'fleet', fleetId: room.slice(fleetPrefix.length) }
    : { channel: 'regulator', regulatorId: room.slice(regulatorPrefix.length) };
}
