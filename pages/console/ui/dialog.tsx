import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { said } from '../text.js';

interface DialogOptions {
  title: ComponentChildren;
  onClose: () => void;
  children: ComponentChildren;
}

/** A modal dialog, which Escape and its button close. The focus goes back to where it was. */
export function Dialog({ title, onClose, children }: DialogOptions) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  return (
    <dialog ref={dialog} aria-labelledby={id} onClose={onClose}>
      <div class="dialog-head">
        <h2 id={id}>{title}</h2>
        <button type="button" class="plain" aria-label="Close" onClick={() => dialog.current?.close()}>
          ×
        </button>
      </div>
      {children}
    </dialog>
  );
}

interface ConfirmOptions {
  title: ComponentChildren;
  /** What the button says, such as `Release the alias`. */
  action: string;
  /** What has to be typed first, where what goes cannot be brought back. */
  typed?: string;
  isDangerous?: boolean;
  isDisabled?: boolean;
  onConfirm: () => Promise<void>;
  onClose: () => void;
  children?: ComponentChildren;
}

/** Asks before something is changed. It stays open, and says why, where the change failed. */
export function Confirm({
  title,
  action,
  typed,
  isDangerous = false,
  isDisabled = false,
  onConfirm,
  onClose,
  children,
}: ConfirmOptions) {
  const [fault, setFault] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [text, setText] = useState('');
  const isReady = !isBusy && !isDisabled && (typed === undefined || text === typed);
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (!isReady) return;
          setBusy(true);
          setFault('');
          onConfirm().then(onClose, (error) => {
            setFault(said(error));
            setBusy(false);
          });
        }}
      >
        {children}
        {typed !== undefined && (
          <label class="field">
            <span>
              Type <b class="name">{typed}</b> to confirm
            </span>
            <input value={text} onInput={(event) => setText(event.currentTarget.value)} autocomplete="off" />
          </label>
        )}
        <p class="message" role="alert">
          {fault}
        </p>
        <div class="buttons">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" class={isDangerous ? 'danger' : 'primary'} disabled={!isReady}>
            {action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
