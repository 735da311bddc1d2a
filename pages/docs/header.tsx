import { useEffect, useState } from 'preact/hooks';
import { addressOf, ROOT } from '../console/address.js';
import { currentKey, type KeyInfo, keepKey, readKey } from '../console/api.js';
import { TABS } from '../console/header.js';
import { KeyForm } from '../console/key-form.js';
import { said } from '../console/text.js';
import { Dialog } from '../console/ui/dialog.js';

interface HeaderOptions {
  isAsking: boolean;
  onAsk: (isAsking: boolean) => void;
}

/** The bar of the console, with the key of this tab. */
export function Header({ isAsking, onAsk }: HeaderOptions) {
  const [key, setKey] = useState(currentKey);
  const [access, setAccess] = useState<KeyInfo>();
  const [fault, setFault] = useState('');
  useEffect(() => {
    setAccess(undefined);
    setFault('');
    // Strangers are not told that they need a key before they ask for something.
    if (key === '') return;
    readKey().then(setAccess, (error) => setFault(said(error)));
  }, [key]);
  return (
    <header class="bar">
      <a class="brand" href={ROOT}>
        pict-repo
      </a>
      <nav aria-label="Pages">
        {TABS.map(([view, label]) => (
          <a key={view} href={addressOf(view)}>
            {label}
          </a>
        ))}
        <a href={`${ROOT}docs`} aria-current="page">
          API
        </a>
      </nav>
      <p class="key-fault" role="status">
        {fault}
      </p>
      <button type="button" class="key" onClick={() => onAsk(true)} title="Which key this tab uses">
        <span class="unseen">Key: </span>
        {access?.name ?? 'Key'}
        {access?.name && <small> {access.scope}</small>}
      </button>
      {isAsking && (
        <Dialog title="Key" onClose={() => onAsk(false)}>
          <KeyForm
            canForget={key !== ''}
            onKey={(given) => {
              keepKey(given);
              setKey(given);
              onAsk(false);
            }}
          />
        </Dialog>
      )}
    </header>
  );
}
