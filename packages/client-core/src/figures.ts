import { ClientOptionsError } from './errors.js';

/** Timers of a longer time would fire at once, everywhere. */
const maxMs = 2 ** 31 - 1;

/**
 * Numeric options with their defaults filled in. Each has to be more than 0, and those in milliseconds (`…Ms`) less than
 * 25 days; where there is a `baseMs` it may not exceed `capMs`.
 * @throws ClientOptionsError naming the option
 */
export function figuresOf<Name extends string>(
  defaults: Readonly<Record<Name, number>>,
  given: Readonly<Partial<Record<NoInfer<Name>, number | undefined>>>,
): Readonly<Record<Name, number>> {
  const figures: Record<string, number> = {};
  for (const name of Object.keys(defaults) as Name[]) figures[name] = checked(name, given[name] ?? defaults[name]);
  const { baseMs, capMs } = figures;
  if (baseMs !== undefined && capMs !== undefined && baseMs > capMs) {
    throw new ClientOptionsError('baseMs', `expected at most capMs (${capMs}), got ${baseMs}`);
  }
  return figures as Record<Name, number>;
}

function checked(name: string, value: number): number {
  if (typeof value !== 'number' || !(value > 0)) {
    throw new ClientOptionsError(name, `expected more than 0, got ${value}`);
  }
  if (name.endsWith('Ms') && value > maxMs) {
    throw new ClientOptionsError(name, `expected at most ${maxMs}, got ${value}`);
  }
  return value;
}
