import { memo } from 'react';
import { Windowed } from '../../ui/windowed.js';
import { type Board, nameOf, type Regulator, unknownStatus } from './board.js';
import { inWords } from './feed-entry.js';

const statuses = ['WAREHOUSE', 'READY', 'CHECKED_OUT', 'CHARGING', 'MAINTENANCE'];
const cardHeightPx = 64;

/** One column per status; those that this version does not know come last, where there are any. */
export function StatusColumns({ board }: { board: Board }) {
  const { columns } = board;
  const others = [...columns.keys()].filter((status) => !statuses.includes(status));
  return (
    <div className="columns">
      {[...statuses, ...others].map((status) => (
        <Column key={status} status={status} regulators={columns.get(status) ?? []} />
      ))}
    </div>
  );
}

function Column({ status, regulators }: { status: string; regulators: readonly Regulator[] }) {
  const title = status === unknownStatus ? 'not known yet' : inWords(status);
  return (
    <section className="column" data-status={status} aria-label={title}>
      <h3 className="column-head">
        <span className="column-name">{title}</span>
        <span className="figure">{regulators.length}</span>
      </h3>
      <Windowed
        label={`Regulators: ${title}`}
        count={regulators.length}
        rowHeight={cardHeightPx}
        empty="none"
        keyOf={(index) => regulators[index]?.id ?? index}
      >
        {(index) => {
          const regulator = regulators[index];
          return regulator && <Card regulator={regulator} />;
        }}
      </Windowed>
    </section>
  );
}

/** Most regulators are the same from one frame to the next. */
const Card = memo(function Card({ regulator }: { regulator: Regulator }) {
  const { soc, soh, player } = regulator;
  return (
    <div className="regulator">
      <div className="regulator-top">
        <strong className="regulator-name">{nameOf(regulator)}</strong>
        <span className="regulator-soc">{soc === undefined ? '–' : `${Math.round(soc)} %`}</span>
      </div>
      <div className="battery" data-level={levelOf(soc)}>
        <span style={{ width: `${soc ?? 0}%` }} />
      </div>
      <div className="regulator-sub">
        {player ?? (soh === undefined ? regulator.id : `health ${Math.round(soh)} %`)}
      </div>
    </div>
  );
});

function levelOf(soc: number | undefined): 'unknown' | 'low' | 'middle' | 'good' {
  if (soc === undefined) return 'unknown';
  if (soc < 25) return 'low';
  return soc < 60 ? 'middle' : 'good';
}
