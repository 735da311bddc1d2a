import { useState } from 'preact/hooks';
import { change } from '../api.js';
import { Confirm } from '../ui/dialog.js';

interface BlockOptions {
  hash: string;
  onClose: () => void;
  onDone: (text: string) => void;
}

/** Refuses further uploads of the same bytes. What stands stays. */
export function BlockDialog({ hash, onClose, onDone }: BlockOptions) {
  const [reason, setReason] = useState('');
  const digest = hash.slice(0, 64);
  return (
    <Confirm
      title="Block this content"
      action="Block"
      isDangerous
      onClose={onClose}
      onConfirm={async () => {
        await change('PUT', `/blocked-hashes/${digest}`, { body: reason === '' ? {} : { reason } });
        onDone('Uploads of these bytes are refused from now on.');
      }}
    >
      <p>
        Uploads of the same bytes are refused from now on. Nothing is removed: release the aliases for that.
      </p>
      <label class="field">
        Reason, which refused uploads are told
        <input value={reason} onInput={(event) => setReason(event.currentTarget.value)} autocomplete="off" />
      </label>
    </Confirm>
  );
}
