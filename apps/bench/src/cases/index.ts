import { besideCase, stalledCase } from './busy.js';
import type { Case } from './case.js';
import { connectCase, idleCase } from './connections.js';
import { filtersCase } from './filters.js';
import { growthMembersCase, growthRoomsCase } from './growth.js';
import { httpCase } from './http.js';
import { ingestCase } from './ingest.js';
import { busTrafficCase, instancesCase } from './instances.js';
import { loopCase } from './loop.js';
import { requestsCase } from './requests.js';
import { roomCases } from './room.js';
import { roomsCase } from './rooms.js';
import { tlsCase } from './tls.js';
import { webhooksCase } from './webhooks.js';

/** All cases, in the order in which they run. */
export const cases: readonly Case[] = [
  ...roomCases,
  roomsCase,
  requestsCase,
  connectCase,
  idleCase,
  filtersCase,
  ingestCase,
  besideCase,
  loopCase,
  stalledCase,
  httpCase,
  instancesCase,
  busTrafficCase,
  webhooksCase,
  tlsCase,
  growthMembersCase,
  growthRoomsCase,
];

/** The three that `--quick` runs. */
export const quickCases: readonly string[] = ['room-1000', 'many-rooms', 'requests'];
