import { clockTime } from '../frames/frame-text.js';
import type { EventFeed } from '../live/event-feed.js';
import { usePulse } from '../live/use-pulse.js';
import { Windowed } from './windowed.js';

const rowHeightPx = 32;

/** A feed to read, newest first. */
export function EventList({ feed, label, empty }: { feed: EventFeed; label: string; empty: string }) {
  usePulse(feed.pulse);
  const { entries } = feed;
  return (
    <Windowed
      label={label}
      count={entries.length}
      total={entries.total}
      rowHeight={rowHeightPx}
      empty={empty}
      keyOf={(index) => entries.at(index)?.number ?? index}
    >
      {(index) => {
        const entry = entries.at(index);
        if (!entry) return undefined;
        return (
          <div className="event-row">
            <time className="event-time">{clockTime(entry.at).slice(0, 8)}</time>
            <span className={`badge tone-${entry.tone}`}>{entry.kind}</span>
            <span className="event-text" title={entry.text}>
              {entry.text}
            </span>
          </div>
        );
      }}
    </Windowed>
  );
}
