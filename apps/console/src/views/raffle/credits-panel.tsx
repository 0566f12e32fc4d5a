import { clockTime } from '../../frames/frame-text.js';
import { Panel } from '../../ui/panel.js';
import type { Market } from './market.js';

const shownCredits = 12;

/** Credits that this connection may hear of: one's own, or everybody's for the staff. */
export function CreditsPanel({ market }: { market: Market }) {
  const credits = [...market.credits].slice(0, shownCredits);
  return (
    <Panel title="Credits" aside={<span className="figure">{market.credits.total} heard of</span>}>
      <ul className="credits">
        {credits.map(({ number, at, user, amount, what }) => (
          <li key={number} className="credit">
            <time>{clockTime(Date.parse(at)).slice(0, 8)}</time>
            <span>{user}</span>
            <strong className={amount < 0 ? 'is-spent' : 'is-issued'}>
              {amount < 0 ? '−' : '+'}
              {Math.abs(amount)}
            </strong>
            <span className="credit-what">{what}</span>
          </li>
        ))}
        {credits.length === 0 && (
          <li className="hint">Credits are told only to their owner and the staff: sign in as one of them.</li>
        )}
      </ul>
    </Panel>
  );
}
