import { type FormEvent, useState } from 'react';
import type { Line } from '../../connection/line.js';
import { Icon } from '../../ui/icon.js';
import { count } from '../../ui/numbers.js';
import { Panel } from '../../ui/panel.js';
import { follow, type SpywatcherModel, unfollow } from './model.js';

/** The guilds that are followed, and what of it the server refused. */
export function GuildsPanel({ line, model }: { line: Line; model: SpywatcherModel }) {
  const [text, setText] = useState('');
  const { guilds, client } = model;
  const show = (guildId: string) => {
    model.shown = guildId;
    guilds.pulse.changed();
  };
  const add = (event: FormEvent) => {
    event.preventDefault();
    const guildId = text.trim();
    if (guildId === '' || model.followed.has(guildId)) return;
    try {
      follow(model, guildId);
      show(guildId);
      setText('');
    } catch (error) {
      line.say(error);
    }
  };
  const denied = new Set(client?.denials.map(({ guildId }) => guildId));
  return (
    <Panel className="guilds" title="Guilds" aside={<span className="figure">{model.followed.size} followed</span>}>
      <form className="inline-form" onSubmit={add}>
        <input
          aria-label="Id of a guild"
          placeholder="A guild’s id"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button">
          Follow
        </button>
      </form>
      <ul className="room-list">
        {[...model.followed.keys()].map((guildId) => {
          const { counts } = guilds.get(guildId);
          const events = [...counts.values()].reduce((sum, one) => sum + one, 0);
          return (
            <li key={guildId} className="room-item" data-shown={guildId === model.shown}>
              <button
                type="button"
                className="room-choose"
                aria-pressed={guildId === model.shown}
                onClick={() => show(guildId)}
              >
                <span className="room-name">{guildId}</span>
                <span className="room-kind">
                  {denied.has(guildId) ? 'not allowed for this role' : 'analytics and events'}
                </span>
                <span className="figure" title="Events since you came">
                  {count(events)}
                </span>
              </button>
              <button
                type="button"
                className="icon-button"
                aria-label={`Unfollow ${guildId}`}
                onClick={() => unfollow(model, guildId)}
              >
                <Icon name="close" />
              </button>
            </li>
          );
        })}
        {model.followed.size === 0 && <li className="hint">Follow a guild to see what happens in it.</li>}
      </ul>
    </Panel>
  );
}
