import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Icon } from './icon.js';

interface DialogProps {
  readonly title: string;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

/** A modal dialog: the browser keeps the focus in it and closes it at Escape. */
export function Dialog({ title, onClose, children }: DialogProps) {
  const id = useId();
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => element.current?.showModal(), []);
  return (
    <dialog ref={element} className="dialog" aria-labelledby={id} onClose={onClose}>
      <header className="dialog-head">
        <h2 id={id}>{title}</h2>
      </header>
      {children}
      {/* Last, so that the first field has the focus when the dialog opens. */}
      <button type="button" className="icon-button" aria-label="Close" onClick={() => element.current?.close()}>
        <Icon name="close" />
      </button>
    </dialog>
  );
}
