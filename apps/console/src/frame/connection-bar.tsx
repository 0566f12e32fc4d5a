import type { LineView } from '../connection/line.js';
import { sentenceOf } from '../connection/problem.js';
import { useSeconds } from '../live/seconds.js';
import { usePulse } from '../live/use-pulse.js';
import { catalogue } from '../services/catalogue.js';
import type { Station } from '../services/station.js';
import { Icon, type IconName } from '../ui/icon.js';
import { duration } from '../ui/numbers.js';
import { phaseNames } from './phase-names.js';
import { RoleSelect } from './role-select.js';

interface ConnectionBarProps {
  readonly station: Station;
  readonly showsFrames: boolean;
  readonly onCut: () => void;
  readonly onFrames: () => void;
  readonly onPublish: () => void;
  readonly onAccess: () => void;
}

/** Where the connection stands, and what can be done about it. */
export function ConnectionBar({ station, showsFrames, onCut, onFrames, onPublish, onAccess }: ConnectionBarProps) {
  const { line, name } = station;
  usePulse(line.pulse);
  const { view } = line;
  const isDown = view.phase === 'cut' || view.phase === 'failed';
  return (
    <div className="connection">
      <div className="connection-row">
        <State view={view} />
        <button type="button" className="connection-url" onClick={onAccess} title="Connection settings">
          {line.access.url || catalogue[name].exampleUrl}
        </button>
        <div className="connection-actions">
          <RoleSelect station={station} />
          <Action icon={isDown ? 'restore' : 'cut'} label={isDown ? 'Restore' : 'Cut'} onClick={onCut} />
          <Action icon="publish" label="Publish" onClick={onPublish} />
          <Action icon="frames" label="Frames" onClick={onFrames} isPressed={showsFrames} />
          <Action icon="settings" label="Settings" onClick={onAccess} />
        </div>
      </div>
      <p className="connection-word" role="status">
        {view.problem ? sentenceOf(view.problem, catalogue, name) : (view.notice ?? '')}
      </p>
    </div>
  );
}

function State({ view: { phase, since, retryAt } }: { view: LineView }) {
  const now = useSeconds();
  const detail = retryAt === undefined ? duration(now - since) : `again in ${duration(retryAt - now)}`;
  return (
    <span className="state" data-phase={phase}>
      <span className="state-dot" aria-hidden="true" />
      <strong className="state-name">{phaseNames[phase]}</strong>
      <span className="state-detail">{detail}</span>
    </span>
  );
}

interface ActionProps {
  readonly icon: IconName;
  readonly label: string;
  readonly onClick: () => void;
  readonly isPressed?: boolean;
}

function Action({ icon, label, onClick, isPressed }: ActionProps) {
  return (
    <button type="button" className="button" onClick={onClick} aria-pressed={isPressed}>
      <Icon name={icon} />
      <span className="button-label">{label}</span>
    </button>
  );
}
