import { type FormEvent, useState } from 'react';
import type { Line } from '../../connection/line.js';
import { usePulse } from '../../live/use-pulse.js';
import { Icon } from '../../ui/icon.js';
import { Panel } from '../../ui/panel.js';
import type { VmaxModel } from './model.js';

/** What this connection hears, and how to hear more or less. What a role may hear is the server's to say. */
export function Subscriptions({ line, model }: { line: Line; model: VmaxModel }) {
  usePulse(model.pulse);
  usePulse(line.pulse);
  const [channel, setChannel] = useState('fleet');
  const [id, setId] = useState('');
  const { client, connected } = model;
  const done = (request: Promise<void> | undefined) => {
    void line.asked(request);
    model.pulse.changed();
  };
  const subscribe = (event: FormEvent) => {
    event.preventDefault();
    if (id.trim() === '') return;
    done(channel === 'fleet' ? client?.subscribeToFleet(id.trim()) : client?.subscribeToRegulator(id.trim()));
    setId('');
  };
  const unsubscribe = (subscription: string) => {
    const [kind, ...rest] = subscription.split(':');
    const what = rest.join(':');
    done(kind === 'fleet' ? client?.unsubscribeFromFleet(what) : client?.unsubscribeFromRegulator(what));
  };
  const subscriptions = client?.subscriptions ?? [];
  return (
    <Panel title="Subscriptions" aside={connected && <span className="figure">as {connected.role}</span>}>
      <ul className="chips" aria-label="Subscribed to">
        {subscriptions.map((subscription) => (
          <li key={subscription} className="chip">
            {subscription}
            <button
              type="button"
              aria-label={`Unsubscribe from ${subscription}`}
              onClick={() => unsubscribe(subscription)}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
        {subscriptions.length === 0 && (
          <li className="hint">
            {connected ? 'Nothing: this role is subscribed to no fleet by itself.' : 'Nothing yet.'}
          </li>
        )}
      </ul>
      <form className="inline-form" onSubmit={subscribe}>
        <select aria-label="What to subscribe to" value={channel} onChange={(event) => setChannel(event.target.value)}>
          <option value="fleet">Fleet</option>
          <option value="regulator">Regulator</option>
        </select>
        <input
          aria-label={`Id of the ${channel}`}
          placeholder={`A ${channel}’s id`}
          value={id}
          onChange={(event) => setId(event.target.value)}
        />
        <button type="submit" className="button">
          Subscribe
        </button>
      </form>
    </Panel>
  );
}
