import { useEffect, useRef, useState } from 'preact/hooks';
import { addressOf, ROOT, type View } from './address.js';
import { currentKey, type KeyInfo } from './api.js';
import { useConsole } from './console-context.js';
import { KeyForm } from './key-form.js';
import { Dialog } from './ui/dialog.js';

export interface Status {
  state: 'wait' | 'live' | 'away';
  /** When the service last answered. */
  at: Date | undefined;
}

const TABS: [view: View, label: string][] = [
  ['queues', 'Queues'],
  ['workers', 'Workers'],
  ['media', 'Media'],
  ['usage', 'Usage'],
  ['report', 'Report'],
];

interface HeaderOptions {
  tab: View | undefined;
  status: Status;
  access: KeyInfo | undefined;
  onKey: (key: string) => void;
}

export function Header({ tab, status, access, onKey }: HeaderOptions) {
  const [isOpen, setOpen] = useState(false);
  const name = access?.name ?? (access ? 'no keys' : 'Key');
  return (
    <header class="bar">
      <a class="brand" href={ROOT}>
        pict-repo
      </a>
      <nav aria-label="Pages">
        {TABS.map(([view, label]) => (
          <a key={view} href={addressOf(view)} aria-current={tab === view ? 'page' : undefined}>
            {label}
          </a>
        ))}
        <a href={`${ROOT}docs`} target="_self">
          API
        </a>
      </nav>
      <Search />
      <p class={`status ${status.state}`}>
        <span role="status">{STATUS_TEXT[status.state]}</span>{' '}
        {status.at && <time dateTime={status.at.toISOString()}>{status.at.toLocaleTimeString()}</time>}
      </p>
      <button type="button" class="key" onClick={() => setOpen(true)} title="Which key this tab uses">
        <span class="unseen">Key: </span>
        {name}
        {access?.name && <small> {access.scope}</small>}
      </button>
      {isOpen && (
        <Dialog title="Key" onClose={() => setOpen(false)}>
          <KeyForm
            onKey={(key) => {
              setOpen(false);
              onKey(key);
            }}
            canForget={currentKey() !== ''}
          />
        </Dialog>
      )}
    </header>
  );
}

const STATUS_TEXT = { wait: 'Connecting', live: 'Live', away: 'Trying again' };

/** Finds anything from everywhere; `/` leads to it. */
function Search() {
  const { place, go } = useConsole();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    function onKey(event: KeyboardEvent): void {
      const isTyping =
        event.target instanceof Element && event.target.closest('input, select, textarea, dialog');
      if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.current?.focus();
    }
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
  return (
    <search class="search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const text = input.current?.value.trim() ?? '';
          if (text !== '') go(addressOf('search', { q: text }));
        }}
      >
        <input
          ref={input}
          type="search"
          aria-label="Find an alias, hash, URL, file, owner or job"
          aria-keyshortcuts="/"
          placeholder="Alias, hash, URL, file, owner, job"
          defaultValue={place.view === 'search' ? (place.query.get('q') ?? '') : ''}
          autocomplete="off"
          spellcheck={false}
        />
      </form>
    </search>
  );
}
