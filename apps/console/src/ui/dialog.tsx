import { type ReactNode, useId, useLayoutEffect, useRef } from 'react';
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
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    // While it is still there: only then does the focus go back to what opened it.
    return () => dialog?.close();
  }, []);
  // Told late: by then it may be open again, as in development, where every effect runs twice.
  const closed = () => element.current?.open || onClose();
  return (
    <dialog ref={element} className="dialog" aria-labelledby={id} onClose={closed}>
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
