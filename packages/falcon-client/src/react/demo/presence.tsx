import { type ReactNode, useEffect, useState } from 'react';
import { useFalconClient } from '../context.js';
import { usePresence } from '../use-presence.js';

const statuses = ['online', 'away', 'offline'] as const;

/** How one is, to be changed, and how those are who were seen in a room. */
export function People({ userId, roomId }: { userId: string | undefined; roomId: string }): ReactNode {
  const { presence, myStatus, updatePresence } = usePresence({ userId, follow: useSeen(roomId) });
  return (
    <section aria-label="Presence">
      <h3>People</h3>
      <p>
        You are <output aria-label="Your status">{myStatus ?? 'not seen yet'}</output>
      </p>
      {statuses.map((status) => (
        <button key={status} type="button" onClick={() => void updatePresence(status)}>
          {status}
        </button>
      ))}
      <ul aria-label="People">
        {[...presence.values()].map(({ userId, status }) => (
          <li key={userId}>
            {userId}: {status}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Users who were seen coming, going, or speaking up in a room. */
function useSeen(roomId: string): readonly string[] {
  const client = useFalconClient();
  const [seen, setSeen] = useState<readonly string[]>([]);
  useEffect(() => {
    return client?.onRoom(roomId, ({ type, data }) => {
      const userId = type === 'room_update' ? data.user_id : type === 'message' ? senderOf(data) : undefined;
      if (userId !== undefined)
        setSeen((before) => (before.includes(userId) ? before : [...before, userId].slice(-50)));
    });
  }, [client, roomId]);
  return seen;
}

function senderOf(data: unknown): string | undefined {
  const sender = typeof data === 'object' && data !== null ? Reflect.get(data, 'sender') : undefined;
  return typeof sender === 'string' && sender !== '' ? sender : undefined;
}
