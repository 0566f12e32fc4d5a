import { type FormEvent, useState } from 'react';
import type { Line } from '../../connection/line.js';
import { clockTime } from '../../frames/frame-text.js';
import { counted } from '../../ui/numbers.js';
import { Panel } from '../../ui/panel.js';
import { Windowed } from '../../ui/windowed.js';
import type { FalconModel } from './model.js';

const rowHeightPx = 46;

interface ChatPanelProps {
  readonly line: Line;
  readonly model: FalconModel;
  readonly room: string;
}

/** What is said in a room, newest first, and a way to say something. */
export function ChatPanel({ line, model, room }: ChatPanelProps) {
  const [text, setText] = useState('');
  const { lines } = model.hall.room(room);
  const send = (event: FormEvent) => {
    event.preventDefault();
    const said = text.trim();
    if (said === '') return;
    // The client waits for the server's word; until then the text is only on its way.
    void line.asked(model.client?.sendMessage({ type: 'message', room, data: { text: said } }));
    setText('');
  };
  return (
    <Panel
      className="chat"
      title={room === '' ? 'Chat' : room}
      aside={<span className="figure">{counted(lines.total, 'message')}</span>}
    >
      <form className="inline-form chat-form" onSubmit={send}>
        <input
          aria-label={`Message to ${room}`}
          placeholder="Say something"
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <button type="submit" className="button is-primary" disabled={room === ''}>
          Send
        </button>
      </form>
      <div className="chat-lines">
        <Windowed
          key={room}
          label={`Messages in ${room}, newest first`}
          count={lines.length}
          total={lines.total}
          rowHeight={rowHeightPx}
          empty="Nothing has been said here since you came."
          keyOf={(index) => lines.at(index)?.number ?? index}
        >
          {(index) => {
            const one = lines.at(index);
            if (!one) return undefined;
            return (
              <div className={`chat-line ${one.isOwn ? 'is-own' : ''}`}>
                <strong className="chat-sender">{one.sender}</strong>
                <time className="event-time">{clockTime(one.at).slice(0, 8)}</time>
                <span className="chat-text" title={one.text}>
                  {one.text}
                </span>
              </div>
            );
          }}
        </Windowed>
      </div>
    </Panel>
  );
}
