import type { RaffleGridState } from '@roomcast/raffle-client';
import { Panel } from '../../ui/panel.js';
import type { Item } from './market.js';

/** More than anybody looks at one by one. */
const maxBoxes = 400;

interface GridPanelProps {
  readonly raffle: RaffleGridState | undefined;
  readonly items: ReadonlyMap<string, Item>;
  /** Whose boxes are marked. */
  readonly me: string;
}

/** The boxes of one raffle as they fill up. */
export function GridPanel({ raffle, items, me }: GridPanelProps) {
  if (!raffle) {
    return (
      <Panel className="raffle-grid" title="Boxes">
        <p className="hint">Boxes appear here as soon as somebody buys one.</p>
      </Panel>
    );
  }
  const { boxes, remaining, unseen, winners, created, cancelled } = raffle;
  const total = totalOf(raffle);
  const name = (created && items.get(created.item_id)?.name) ?? raffle.raffleId;
  return (
    <Panel
      className="raffle-grid"
      title={name}
      aside={<span className="figure">{remaining === undefined ? '' : `${remaining} of ${total} left`}</span>}
    >
      <div className="grid-facts">
        <span>{created ? `${created.box_price} a box, sold by ${created.seller_id}` : raffle.raffleId}</span>
        {unseen ? <span className="hint">{unseen} sold before you came</span> : undefined}
        {winners.length > 0 && <strong className="winners">Won by {winners.join(', ')}</strong>}
        {cancelled && <strong className="cancelled">Cancelled: {cancelled.reason}</strong>}
      </div>
      <ol className="boxes" aria-label={`Boxes of ${name}`}>
        {Array.from({ length: Math.min(total, maxBoxes) }, (_, index) => index + 1).map((number) => {
          const user = boxes.get(number)?.user_id;
          const winner = user !== undefined && winners.includes(user);
          return (
            <li
              key={number}
              className={`box ${user === undefined ? '' : 'is-sold'} ${user === me && me !== '' ? 'is-mine' : ''} ${winner ? 'is-winner' : ''}`}
              style={user === undefined ? undefined : { '--hue': hueOf(user) }}
              title={user}
            >
              <span className="box-number">{number}</span>
              <span className="box-user">{user ?? ''}</span>
            </li>
          );
        })}
      </ol>
      {total === 0 && <p className="hint">None of its boxes was bought since you came.</p>}
      {total > maxBoxes && (
        <p className="hint">
          The first {maxBoxes} of {total} boxes are shown.
        </p>
      )}
    </Panel>
  );
}

/** The same colour for the same person, wherever they appear; the steps keep similar names apart. */
function hueOf(user: string): number {
  let hash = 0;
  for (const letter of user) hash = (hash * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_003;
  return (hash * 137.508) % 360;
}

/** As told; else what follows from how many are left and how far it is, at least up to the highest box seen. */
function totalOf({ totalBoxes, remaining = 0, percentage = 0, boxes }: RaffleGridState): number {
  if (totalBoxes !== undefined) return totalBoxes;
  const highest = Math.max(0, ...boxes.keys());
  return percentage < 100 ? Math.max(highest, Math.round((remaining * 100) / (100 - percentage))) : highest;
}
