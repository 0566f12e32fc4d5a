import { useState } from 'react';
import type { Line } from '../../connection/line.js';
import { usePulse } from '../../live/use-pulse.js';
import { EventList } from '../../ui/event-list.js';
import { Panel } from '../../ui/panel.js';
import { CreditsPanel } from './credits-panel.js';
import { GridPanel } from './grid-panel.js';
import type { RaffleModel } from './model.js';
import { RaffleList } from './raffle-list.js';

export function RaffleView({ line, model }: { line: Line; model: RaffleModel }) {
  const { market, feed } = model;
  usePulse(market.pulse);
  usePulse(line.pulse);
  const [chosen, setChosen] = useState<string>();
  const { raffles } = market;
  const shown = raffles.find(({ raffleId }) => raffleId === chosen) ?? raffles.find(({ phase }) => phase === 'open');
  // Who looks at one goes on looking at it when it is over.
  if (shown !== undefined && shown.raffleId !== chosen) setChosen(shown.raffleId);
  const { notice } = market;
  return (
    <div className="view raffle">
      <RaffleList market={market} chosen={shown?.raffleId} onChoose={setChosen} />
      <GridPanel raffle={shown} items={market.items} me={line.access.identity} />
      <div className="raffle-side">
        <Panel title="From the platform">
          <p className="notice" aria-live="polite">
            {notice ? `${notice.level}: ${notice.message}` : 'No message so far.'}
          </p>
        </Panel>
        <CreditsPanel market={market} />
      </div>
      <Panel className="raffle-feed" title="Events">
        <EventList feed={feed} label="Events of the platform, newest first" empty="Nothing has happened yet." />
      </Panel>
    </div>
  );
}
