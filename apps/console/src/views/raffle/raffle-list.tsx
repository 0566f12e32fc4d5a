import type { RaffleGridState } from '@roomcast/raffle-client';
import { Panel } from '../../ui/panel.js';
import type { Market } from './market.js';

interface RaffleListProps {
  readonly market: Market;
  readonly chosen: string | undefined;
  readonly onChoose: (raffleId: string) => void;
}

/** Every raffle that was heard of, with how far it is. */
export function RaffleList({ market, chosen, onChoose }: RaffleListProps) {
  const { raffles } = market;
  return (
    <Panel className="raffles" title="Raffles" aside={<span className="figure">{raffles.length}</span>}>
      <ul className="raffle-list">
        {raffles.map((raffle) => (
          <li key={raffle.raffleId}>
            <button
              type="button"
              className="raffle-card"
              aria-pressed={raffle.raffleId === chosen}
              onClick={() => onChoose(raffle.raffleId)}
            >
              <span className="raffle-name">{itemOf(raffle, market) ?? raffle.raffleId}</span>
              <span className={`badge tone-${toneOf(raffle)}`}>{raffle.phase}</span>
              <span className="raffle-id">{itemOf(raffle, market) ? raffle.raffleId : factsOf(raffle)}</span>
              <span className="raffle-percent">{percentOf(raffle)} %</span>
              <span className="progress">
                <span style={{ width: `${percentOf(raffle)}%` }} />
              </span>
            </button>
          </li>
        ))}
        {raffles.length === 0 && <li className="hint">No raffle has been heard of yet.</li>}
      </ul>
    </Panel>
  );
}

function itemOf({ created }: RaffleGridState, { items }: Market): string | undefined {
  return created && items.get(created.item_id)?.name;
}

/** Where there is no name, the id stands in its place. */
function factsOf({ created }: RaffleGridState): string {
  return created ? `${created.total_boxes} boxes at ${created.box_price}` : '';
}

function toneOf({ phase }: RaffleGridState): string {
  return { open: 'info', full: 'warn', drawn: 'good', cancelled: 'bad' }[phase];
}

/** Boxes that nobody here saw being sold are sold all the same when the winners are drawn. */
function percentOf({ phase, percentage }: RaffleGridState): number {
  return phase === 'drawn' ? 100 : Math.round(percentage ?? 0);
}
