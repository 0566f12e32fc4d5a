import * as z from 'zod/mini';
import { type EventType, eventFields, eventTypes, type FieldKind } from './events.js';
import { maxIdLength, maxWinners } from './limits.js';

type Kinds = Readonly<Record<FieldKind, z.ZodMiniType>>;

/** An id, a room or a filter value. */
export const id = z.string().check(z.minLength(1), z.maxLength(maxIdLength));

export const time = z.iso.datetime({ offset: true });

const published: Kinds = {
  id,
  idOrNull: z.nullable(id),
  ids: z.array(id).check(z.maxLength(maxWinners)),
  count: z.int().check(z.minimum(0)),
  amount: z.number().check(z.minimum(0)),
  percentage: z.number().check(z.minimum(0), z.maximum(100)),
  text: z.string(),
  texts: z.array(z.string()),
  time,
};

/** A client takes what any server of this API may send: the types count, not their bounds. */
const received: Kinds = {
  id: z.string(),
  idOrNull: z.nullish(z.string()),
  ids: z.array(z.string()),
  count: z.number(),
  amount: z.number(),
  percentage: z.number(),
  text: z.string(),
  texts: z.array(z.string()),
  time: z.string(),
};

/** The schema of each event's data. */
export type DataSchemas = Readonly<Record<EventType, z.ZodMiniType<Record<string, unknown>>>>;

/** The data of events that are published. Fields the protocol does not know stay. */
export const publishedData: DataSchemas = schemas(published);

/** The data of events that a client receives. Fields the protocol does not know stay. */
export const receivedData: DataSchemas = schemas(received);

function schemas(kinds: Kinds): DataSchemas {
  const byType = {} as Record<EventType, z.ZodMiniType<Record<string, unknown>>>;
  for (const type of eventTypes) {
    const fields: readonly (readonly [string, FieldKind])[] = Object.entries(eventFields[type]);
    byType[type] = z.looseObject(Object.fromEntries(fields.map(([name, kind]) => [name, kinds[kind]])));
  }
  return byType;
}
