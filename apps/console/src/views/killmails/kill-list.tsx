import { memo } from 'react';
import { clockTime } from '../../frames/frame-text.js';
import { short } from '../../ui/numbers.js';
import { Windowed } from '../../ui/windowed.js';
import type { Kill, Kills } from './kills.js';
import { systemName } from './systems.js';

const rowHeightPx = 52;

/** From this value on a loss is news, in ISK. */
const notableIsk = 1e9;

export function KillList({ kills }: { kills: Kills }) {
  const { list } = kills;
  return (
    <Windowed
      label="Kills, newest first"
      count={list.length}
      total={list.total}
      rowHeight={rowHeightPx}
      empty="No kill yet in these systems."
      keyOf={(index) => list.at(index)?.number ?? index}
    >
      {(index) => {
        const kill = list.at(index);
        return kill && <Row kill={kill} />;
      }}
    </Windowed>
  );
}

const Row = memo(function Row({ kill }: { kill: Kill }) {
  const { attackers, value } = kill;
  const others = attackers > 1 ? ` and ${attackers - 1} more` : '';
  return (
    <div className={`kill ${kill.preload ? 'is-past' : ''}`}>
      <time className="kill-time">{clockTime(kill.at).slice(0, 8)}</time>
      <span className="kill-ship">{kill.ship}</span>
      <span className="kill-victim">{kill.victim}</span>
      <span className="kill-system">{systemName(kill.systemId)}</span>
      <span className="kill-by">
        by {kill.finalBlow}
        {others}
      </span>
      <span className={`kill-value ${(value ?? 0) >= notableIsk ? 'is-notable' : ''}`}>
        {value === undefined ? '' : `${short(value)} ISK`}
      </span>
    </div>
  );
});
