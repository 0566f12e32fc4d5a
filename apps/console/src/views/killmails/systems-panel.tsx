import { type FormEvent, useId, useState } from 'react';
import type { Line } from '../../connection/line.js';
import { useSeconds } from '../../live/seconds.js';
import { Icon } from '../../ui/icon.js';
import { count } from '../../ui/numbers.js';
import { Panel } from '../../ui/panel.js';
import { Sparkline } from '../../ui/sparkline.js';
import { bucketMs } from './kills.js';
import type { KillmailsModel } from './model.js';
import { seriesColours } from './series-colours.js';
import { suggestedNames, systemId, systemName } from './systems.js';

const maxSuggestions = 12;

interface SystemsProps {
  readonly line: Line;
  readonly model: KillmailsModel;
  readonly systems: readonly number[];
}

/** The systems that are followed, each with what the server has counted, and a way to follow others. */
export function Systems({ line, model, systems }: SystemsProps) {
  const last = Math.floor(useSeconds() / bucketMs);
  const { client } = model;
  return (
    <Panel className="systems" title="Systems" aside={<span className="figure">{systems.length} of 100</span>}>
      <AddSystem onAdd={(id) => void line.asked(client?.subscribe([id]))} />
      <ul className="system-list">
        {systems.map((id, index) => (
          <li
            key={id}
            className="system"
            style={{ '--mark': `var(${seriesColours[Math.min(index, seriesColours.length - 1)]})` }}
          >
            <span className="swatch" style={{ background: 'var(--mark)' }} />
            <span className="system-name">{systemName(id)}</span>
            <Sparkline values={model.kills.history(id, last)} />
            <span className="system-count" title="Kills in the last 24 hours, as the server counts">
              {model.kills.counts.has(id) ? count(model.kills.counts.get(id) ?? 0) : '–'}
            </span>
            <button
              type="button"
              className="icon-button"
              aria-label={`Unsubscribe from ${systemName(id)}`}
              onClick={() => void line.asked(client?.unsubscribe([id]))}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
        {systems.length === 0 && <li className="hint">Follow a system to see its kills.</li>}
      </ul>
    </Panel>
  );
}

function AddSystem({ onAdd }: { onAdd: (id: number) => void }) {
  const listId = useId();
  const [text, setText] = useState('');
  const [unknown, setUnknown] = useState<string>();
  const add = (event: FormEvent) => {
    event.preventDefault();
    const id = systemId(text);
    setUnknown(id === undefined ? text : undefined);
    if (id === undefined) return;
    onAdd(id);
    setText('');
  };
  return (
    <form className="inline-form" onSubmit={add}>
      <input
        aria-label="System by name or id"
        placeholder="Perimeter, Amarr, 30000144 …"
        list={listId}
        value={text}
        onChange={(event) => setText(event.target.value)}
        required
      />
      <datalist id={listId}>
        {suggestedNames(text, maxSuggestions).map((name) => (
          <option key={name} value={name} />
        ))}
      </datalist>
      <button type="submit" className="button">
        Subscribe
      </button>
      {unknown !== undefined && (
        <p className="form-problem" role="alert">
          No system called “{unknown}” is known here: enter its id instead.
        </p>
      )}
    </form>
  );
}
