import { WebSocketDemo, WebSocketProvider } from '@roomcast/falcon-client/react';
import { type ReactNode, useEffect, useState } from 'react';

interface Identity {
  readonly id: string;
  readonly character_name: string;
}

/** Signs in as somebody of the demo; then `WebSocketDemo` has a connection, and none any more afterwards. */
export function App(): ReactNode {
  const [identities, setIdentities] = useState<readonly Identity[]>([]);
  const [user, setUser] = useState<Identity>();
  useEffect(() => {
    fetch('/demo/session')
      .then((answer) => answer.json())
      .then((answer: { identities: Identity[] }) => setIdentities(answer.identities), console.error);
  }, []);
  // The answer sets the cookie that the browser sends with the WebSocket's handshake.
  const signIn = async (identity: Identity) => {
    const body = JSON.stringify({ identity: identity.id });
    const answer = await fetch('/demo/session', {
      method: 'POST',
      body,
      headers: { 'Content-Type': 'application/json' },
    });
    if (answer.ok) setUser(identity);
  };
  return (
    <>
      <h1>Falcon rooms</h1>
      {user === undefined ? (
        identities.map((identity) => (
          <button key={identity.id} type="button" onClick={() => void signIn(identity)}>
            {identity.character_name}
          </button>
        ))
      ) : (
        <p>
          {user.character_name}{' '}
          <button type="button" onClick={() => setUser(undefined)}>
            Sign out
          </button>
        </p>
      )}
      <WebSocketProvider enabled={user !== undefined}>
        <WebSocketDemo roomId="thread:welcome" />
      </WebSocketProvider>
    </>
  );
}
