import { Dialog } from '../ui/dialog.js';
import { useShortcutsSetting } from './shortcuts.js';

const keys = [
  ['1 – 6', 'Operations and the five services'],
  ['c', 'Cut the connection, or restore it'],
  ['p', 'Publish a demo event'],
  ['f', 'Show or hide the raw frames'],
  ['s', 'Connection settings'],
  ['?', 'This list'],
] as const;

export function HelpDialog({ onClose }: { onClose: () => void }) {
  const shortcuts = useShortcutsSetting();
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className="keys">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label className="check">
        <input type="checkbox" checked={shortcuts.areOn} onChange={(event) => shortcuts.set(event.target.checked)} />
        Single keys do these things
      </label>
    </Dialog>
  );
}
