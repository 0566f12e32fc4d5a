import { type FormEvent, useId, useState } from 'react';
import { type Published, publish } from '../services/publish.js';
import type { Station } from '../services/station.js';
import type { Stations } from '../services/stations.js';
import { Dialog } from '../ui/dialog.js';
import { Load } from './load.js';

interface PublishDialogProps {
  readonly stations: Stations;
  readonly station: Station;
  readonly onClose: () => void;
}

const outcomeOf = (result: Published) => (result.ok ? `Published: ${result.accepted} accepted.` : result.error);

/** Publishes an event as a backend does, over HTTP, or many of them to see how the page and the server bear it. */
export function PublishDialog({ stations, station, onClose }: PublishDialogProps) {
  const id = useId();
  const { line, desk } = station;
  const [chosen, setChosen] = useState(0);
  const template = desk.templates[chosen];
  const [text, setText] = useState(() => pretty(template?.make(0)));
  const [result, setResult] = useState<Published>();
  const [made, setMade] = useState(1);
  const choose = (index: number) => {
    setChosen(index);
    setText(pretty(desk.templates[index]?.make(made)));
    setMade(made + 1);
  };
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const events = parsed(text);
    if (!events.ok) {
      setResult({ ok: false, error: `This is not JSON: ${events.error}`, issues: [] });
      return;
    }
    let outcome = await publish(line.httpBase, line.access.publishToken, events.value);
    if (!outcome.ok) {
      await stations.refreshTokens();
      outcome = await publish(line.httpBase, line.access.publishToken, events.value);
    }
    setResult(outcome);
  };
  return (
    <Dialog title="Publish a demo event" onClose={onClose}>
      <form className="form" onSubmit={(event) => void send(event)}>
        <div className="field">
          <label htmlFor={`${id}-event`}>Event</label>
          <select id={`${id}-event`} value={chosen} onChange={(event) => choose(Number(event.target.value))}>
            {desk.templates.map(({ name }, index) => (
              <option key={name} value={index}>
                {name}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor={`${id}-text`}>As the publish API takes it</label>
          <textarea
            id={`${id}-text`}
            rows={11}
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </div>
        <div className="form-result" role="status" data-ok={result?.ok}>
          {result && <p>{outcomeOf(result)}</p>}
          {result?.ok === false && result.issues.length > 0 && (
            <ul>
              {result.issues.map(({ path, message }) => (
                <li key={`${path} ${message}`}>
                  <code>{path}</code> {message}
                </li>
              ))}
            </ul>
          )}
        </div>
        <div className="form-actions">
          {template && <Load line={line} template={template} />}
          <button type="submit" className="button is-primary">
            Publish
          </button>
        </div>
      </form>
    </Dialog>
  );
}

function pretty(event: object | undefined): string {
  return JSON.stringify(event, undefined, 2) ?? '';
}

function parsed(text: string): { ok: true; value: unknown } | { ok: false; error: string } {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, error: error instanceof Error ? error.message : String(error) };
  }
}
