import { type FormEvent, useState } from 'react';
import { noAccess } from '../connection/access.js';
import { catalogue } from '../services/catalogue.js';
import { forget, isKeptOnDevice, remember } from '../services/memory.js';
import type { Station } from '../services/station.js';
import type { Stations } from '../services/stations.js';
import { Dialog } from '../ui/dialog.js';
import { Field } from '../ui/field.js';

interface AccessDialogProps {
  readonly stations: Stations;
  readonly station: Station;
  readonly onClose: () => void;
}

/** Where to connect and with what: any server that speaks the protocol, not only the demonstration's. */
export function AccessDialog({ stations, station, onClose }: AccessDialogProps) {
  const { name, line } = station;
  const [access, setAccess] = useState(line.access);
  const [isKept, setIsKept] = useState(() => isKeptOnDevice(name));
  const info = catalogue[name];
  const demo = stations.demoAccess(name);
  const set = (change: Partial<typeof access>) => setAccess({ ...access, ...change });
  const connect = (event: FormEvent) => {
    event.preventDefault();
    // A demo role is one server's: another one may not even be a demo.
    const entered = access.url === line.access.url ? access : { ...access, identity: '' };
    remember(name, entered, isKept);
    station.connect(entered);
    onClose();
  };
  const backToDemo = () => {
    forget(name);
    station.connect(demo ?? noAccess);
    onClose();
  };
  return (
    <Dialog title={`${info.title}: connection`} onClose={onClose}>
      <form className="form" onSubmit={connect}>
        <Field
          label="URL"
          hint={`Such as ${info.exampleUrl}; wss for a server with TLS`}
          value={access.url}
          onChange={(url) => set({ url: url.trim() })}
          placeholder={info.exampleUrl}
        />
        <Field
          label="Token"
          hint={info.tokenHint}
          value={access.token}
          isSecret
          onChange={(token) => set({ token: token.trim(), identity: '' })}
        />
        <details className="more" open={access.publishToken !== '' || access.adminToken !== ''}>
          <summary>Publishing and operations</summary>
          <Field
            label="Publish token"
            hint="The server’s PUBLISH_TOKEN, to publish events from here"
            value={access.publishToken}
            isSecret
            onChange={(publishToken) => set({ publishToken: publishToken.trim() })}
          />
          <Field
            label="Admin token"
            hint="The server’s ADMIN_TOKEN, to see sessions and rooms"
            value={access.adminToken}
            isSecret
            onChange={(adminToken) => set({ adminToken: adminToken.trim() })}
          />
          <Field
            label="Metrics token"
            hint="The server’s METRICS_TOKEN, where it has one, to see its figures"
            value={access.metricsToken}
            isSecret
            onChange={(metricsToken) => set({ metricsToken: metricsToken.trim() })}
          />
        </details>
        <label className="check">
          <input type="checkbox" checked={isKept} onChange={(event) => setIsKept(event.target.checked)} />
          Keep these on this device
        </label>
        <p className="hint">Otherwise they are forgotten when this tab is closed.</p>
        <div className="form-actions">
          {demo && (
            <button type="button" className="button" onClick={backToDemo}>
              Back to the demo
            </button>
          )}
          <button type="submit" className="button is-primary">
            Connect
          </button>
        </div>
      </form>
    </Dialog>
  );
}
