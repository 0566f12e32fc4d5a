import { serverEvents } from '@roomcast/spywatcher-protocol';
import * as z from 'zod';

const text = z.string();

/** What survives a restart: the figures of each guild, and the updates that were sent last. */
export const savedSpywatcher = z.object({
  version: z.literal(1),
  guilds: z.record(
    text,
    z.object({
      users: z.array(text),
      names: z.array(text),
      channels: z.array(text),
      parts: z.array(z.tuple([z.int(), text, text, text])),
      active: text,
    }),
  ),
  updates: z.array(
    z.custom<z.infer<(typeof serverEvents)['analytics:update']>>(
      (value) => serverEvents['analytics:update'].safeParse(value).success,
    ),
  ),
});

export type SavedSpywatcher = z.infer<typeof savedSpywatcher>;
