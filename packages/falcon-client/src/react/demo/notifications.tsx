import { type ReactNode, useState } from 'react';
import { usePersonalRoom } from '../use-assigned-rooms.js';

/** The latest notifications for a user, and announcements. */
export function Notifications({ userId }: { userId: string | undefined }): ReactNode {
  const [texts, setTexts] = useState<readonly string[]>([]);
  usePersonalRoom(userId, {
    onNotification: ({ message, ...rest }) => {
      setTexts((before) => [...before, message ?? JSON.stringify(rest)].slice(-20));
    },
  });
  return (
    <section aria-label="Notifications">
      <h3>Notifications</h3>
      <ul aria-label="Notifications">
        {texts.map((text, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same text may come twice.
          <li key={index}>{text}</li>
        ))}
      </ul>
    </section>
  );
}
