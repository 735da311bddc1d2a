import { useState } from 'preact/hooks';
import type { Refusal } from './api.js';

interface KeyFormOptions {
  onKey: (key: string) => void;
  /** Why a key is needed, where the form is shown for that. */
  reason?: Refusal;
  canForget?: boolean;
}

/** Takes the key of this tab. */
export function KeyForm({ onKey, reason, canForget = false }: KeyFormOptions) {
  const [fault, setFault] = useState('');
  return (
    <form
      class={reason ? 'panel key-form' : 'key-form'}
      onSubmit={(event) => {
        event.preventDefault();
        const key = String(new FormData(event.currentTarget).get('key') ?? '').trim();
        if (/^[\w.~+/-]+=*$/.test(key)) onKey(key);
        else setFault('A key is made of letters, digits and - . _ ~ + / only.');
      }}
    >
      {reason && <h1 tabIndex={-1}>This service needs a key</h1>}
      <p>
        Looking needs a key with the scope <b>read</b>, jobs <b>write</b>, and most actions <b>admin</b>. The
        key is kept in this tab until the tab is closed, and sent to this service only.
      </p>
      <label class="field">
        Key <input type="password" name="key" autocomplete="off" spellcheck={false} autofocus />
      </label>
      <p class="message" role="alert">
        {fault || (reason?.code === 'invalid_key' ? reason.message : '')}
      </p>
      <div class="buttons">
        {canForget && (
          <button type="button" onClick={() => onKey('')}>
            Forget it
          </button>
        )}
        <button type="submit" class="primary">
          Use it
        </button>
      </div>
    </form>
  );
}
