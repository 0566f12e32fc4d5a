import { type ReactNode, useState } from 'react';
import type { RoomMessage } from '../use-room.js';
import { useRoom } from '../use-room.js';
import { typed } from './typed.js';

export interface ChatProps {
  roomId: string;
  /** Written beside what one says. */
  sender: string;
}

/** What is said in a room, and a line to say something. */
export function Chat({ roomId, sender }: ChatProps): ReactNode {
  const [text, setText] = useState('');
  const { isJoined, messages, sendToRoom, error } = useRoom(roomId);
  const send = () => {
    if (text.trim() === '') return;
    void sendToRoom({ type: 'message', data: { text, sender } });
    setText('');
  };
  return (
    <section aria-label="Chat">
      <h3>
        {roomId} <small>{isJoined ? 'joined' : 'not joined'}</small>
      </h3>
      <ol aria-label="Messages">
        {messages.map((message, index) => (
          <li key={message.id ?? index}>{lineOf(message)}</li>
        ))}
      </ol>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          send();
        }}
      >
        <input aria-label="Message" value={text} onChange={(event) => setText(typed(event))} />
        <button type="submit">Send</button>
      </form>
      {error === undefined ? null : <p role="alert">{error.message}</p>}
    </section>
  );
}

function lineOf({ data, from }: RoomMessage): string {
  const { text, sender } = (typeof data === 'object' && data !== null ? data : { text: data }) as Record<
    string,
    unknown
  >;
  return `${String(sender ?? from ?? 'server')}: ${typeof text === 'string' ? text : JSON.stringify(data)}`;
}
