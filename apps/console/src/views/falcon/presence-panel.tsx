import type { PresenceStatus } from '@roomcast/falcon-client';
import { type FormEvent, useEffect, useState } from 'react';
import type { Line } from '../../connection/line.js';
import { Panel } from '../../ui/panel.js';
import type { FalconModel } from './model.js';

const statuses: readonly PresenceStatus[] = ['online', 'away', 'offline'];

/** How people are: the demonstration's, and whoever else is asked for. One's own state can be set. */
export function PresencePanel({ line, model }: { line: Line; model: FalconModel }) {
  const { client } = model;
  const { identities } = line.view;
  const [others, setOthers] = useState<readonly string[]>([]);
  const [text, setText] = useState('');
  const ids = [...identities.map(({ id }) => id), ...others];
  const list = ids.join(' ');
  useEffect(() => {
    if (list !== '') return client?.followPresence(...list.split(' '));
    return undefined;
  }, [client, list]);
  const follow = (event: FormEvent) => {
    event.preventDefault();
    const id = text.trim();
    if (id !== '' && !/\s/.test(id) && !ids.includes(id)) setOthers([...others, id]);
    setText('');
  };
  const known = client?.presence;
  return (
    <Panel className="presence" title="Presence">
      <label className="own-presence">
        <span>You are</span>
        <select
          value={known?.get(client?.userId ?? '')?.status ?? 'online'}
          onChange={(event) => {
            const status = statuses.find((one) => one === event.target.value) ?? 'online';
            void line.asked(client?.updatePresence(status));
          }}
        >
          {statuses.map((status) => (
            <option key={status}>{status}</option>
          ))}
        </select>
      </label>
      <ul className="people">
        {ids.map((id) => {
          const status = known?.get(id)?.status;
          return (
            <li key={id} className="person">
              <span className="person-dot" data-status={status} />
              <span className="person-name">{model.nameOf(id) ?? id}</span>
              <span className="figure">{status ?? 'not known'}</span>
            </li>
          );
        })}
      </ul>
      <form className="inline-form" onSubmit={follow}>
        <input
          aria-label="Id of a user to follow"
          placeholder="A user’s id"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button">
          Follow
        </button>
      </form>
    </Panel>
  );
}
