import type { Direction, Frame } from './frame-log.js';

export const directionNames: Readonly<Record<Direction, string>> = { in: 'received', out: 'sent', note: 'connection' };

const signs: Readonly<Record<Direction, string>> = { in: '<', out: '>', note: '-' };

/** `12:00:00.000`, in local time. */
export function clockTime(at: number): string {
  const date = new Date(at);
  const two = (figure: number) => String(figure).padStart(2, '0');
  const ms = String(date.getMilliseconds()).padStart(3, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

/** Frames as lines of text, oldest first: the time in UTC, the direction (`<` received, `>` sent), the frame. */
export function framesAsText(newestFirst: readonly Frame[]): string {
  return newestFirst
    .toReversed()
    .map(({ at, direction, text, size }) => {
      const rest = size > text.length ? ` … (${size} in all)` : '';
      return `${new Date(at).toISOString()} ${signs[direction]} ${text}${rest}`;
    })
    .join('\n');
}

/** JSON with line breaks, where it is JSON. */
export function prettyFrame(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text; // Not JSON, or cut off: it is shown as it came.
  }
}
