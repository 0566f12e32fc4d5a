import { type FormEvent, useState } from 'react';
import type { Line } from '../../connection/line.js';
import { Icon } from '../../ui/icon.js';
import { count } from '../../ui/numbers.js';
import { Panel } from '../../ui/panel.js';
import { type FalconModel, join, leave } from './model.js';

interface RoomsPanelProps {
  readonly line: Line;
  readonly model: FalconModel;
  readonly shown: string;
  /** @param room empty: the first of those that one has joined */
  readonly onShow: (room: string) => void;
}

/** The rooms one is in: those that the server assigns, and those one has joined. */
export function RoomsPanel({ line, model, shown, onShow }: RoomsPanelProps) {
  const [id, setId] = useState('');
  const joined = model.client?.rooms ?? [];
  const awaited = [...model.wanted.keys()].filter((room) => !joined.includes(room));
  const add = (event: FormEvent) => {
    event.preventDefault();
    const room = id.trim();
    if (room === '') return;
    void line.asked(join(model, room));
    onShow(room);
    setId('');
  };
  return (
    <Panel className="rooms-panel" title="Rooms" aside={<span className="figure">{joined.length} joined</span>}>
      <form className="inline-form" onSubmit={add}>
        <input
          aria-label="Room to join"
          placeholder="thread:42, my-room …"
          value={id}
          onChange={(event) => setId(event.target.value)}
        />
        <button type="submit" className="button">
          Join
        </button>
      </form>
      <ul className="room-list">
        {[...joined, ...awaited].map((room) => {
          const { members, unread } = model.hall.room(room);
          const state = joined.includes(room) ? '' : 'not joined yet';
          return (
            <li key={room} className="room-item" data-shown={room === shown}>
              <button type="button" className="room-choose" aria-pressed={room === shown} onClick={() => onShow(room)}>
                <span className="room-name">{nameOf(room, model)}</span>
                <span className="room-kind">{state || kindOf(room)}</span>
                {unread > 0 && <span className="room-unread">{count(unread)} new</span>}
                <span className="figure" title="Connections in this room">
                  {members ?? ''}
                </span>
              </button>
              {model.wanted.has(room) && (
                <button
                  type="button"
                  className="icon-button"
                  aria-label={`Leave ${room}`}
                  onClick={() => {
                    leave(model, room);
                    if (room === shown) onShow('');
                  }}
                >
                  <Icon name="close" />
                </button>
              )}
            </li>
          );
        })}
        {joined.length + awaited.length === 0 && <li className="hint">In no room: join one.</li>}
      </ul>
    </Panel>
  );
}

function nameOf(room: string, model: FalconModel): string {
  const subject = room.slice(room.indexOf(':') + 1);
  return model.nameOf(subject) ?? subject;
}

function kindOf(room: string): string {
  const [kind] = room.split(':');
  return { user: 'personal', group: 'group', thread: 'thread' }[kind ?? ''] ?? 'custom';
}
