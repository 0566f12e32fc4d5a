import type { Logger } from '@roomcast/engine';
import type * as z from 'zod';
import type { StateStore } from './state.js';

/** A text that all instances share. */
export interface SharedText {
  load(): Promise<string | undefined>;
  save(text: string): Promise<void>;
}

/**
 * A value that all instances share. One that does not fit the schema is left alone and replaced by the next save, with
 * a warning. While the store can't be reached there is nothing to load; what is there all the same comes with the first
 * save that reaches it (`onLate`), instead of being overwritten.
 */
export function sharedState<Schema extends z.ZodType>(
  store: SharedText,
  name: string,
  schema: Schema,
  logger: Logger,
): StateStore<z.output<Schema>> {
  let loaded = false;
  let saved: string | undefined;
  let late: (value: z.output<Schema>) => void = () => {};
  const load = async (): Promise<z.output<Schema> | undefined> => {
    const text = await store.load();
    loaded = true;
    if (text === undefined) return undefined;
    const value = parse(text, schema);
    if (value === undefined) logger.warn({ name }, 'shared state can not be used: going on without it');
    return value;
  };
  return {
    isShared: true,
    async load() {
      try {
        return await load();
      } catch (error) {
        logger.warn({ name, err: error }, 'shared state can not be reached: starting without it for now');
        return undefined;
      }
    },
    async save(value) {
      if (loaded) {
        const text = JSON.stringify(value);
        if (text === saved) return;
        await store.save(text);
        saved = text;
        return;
      }
      const found = await load();
      if (found !== undefined) late(found);
    },
    onLate(listener) {
      late = listener;
    },
  };
}

function parse<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> | undefined {
  try {
    return schema.safeParse(JSON.parse(text)).data;
  } catch {
    // Not JSON: as useless as JSON of another shape.
    return undefined;
  }
}
