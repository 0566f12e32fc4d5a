import { memo } from 'react';
import { clockTime } from '../frames/frame-text.js';
import type { Entry, EventFeed } from '../live/event-feed.js';
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
        return entry && <Row entry={entry} />;
      }}
    </Windowed>
  );
}

const Row = memo(function Row({ entry: { at, kind, tone, text } }: { entry: Entry }) {
  return (
    <div className="event-row">
      <time className="event-time">{clockTime(at).slice(0, 8)}</time>
      <span className={`badge tone-${tone}`}>{kind}</span>
      <span className="event-text" title={text}>
        {text}
      </span>
    </div>
  );
});
