import { useCallback, useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { addressOf, currentPlace, type Place, ROOT } from './address.js';
import { type KeyInfo, keepKey, Refusal, readKey } from './api.js';
import { type Console, ConsoleContext, includesScope } from './console-context.js';
import { Header, type Status } from './header.js';
import { KeyForm } from './key-form.js';
import { said } from './text.js';
import { VIEWS } from './views.js';

/** The frame of all views: where the person is, with which key, and what the service said last. */
export function App() {
  const [place, setPlace] = useState<Place>(currentPlace);
  const [key, setKey] = useState<KeyInfo>();
  const [refused, setRefused] = useState<Refusal>();
  const [status, setStatus] = useState<Status>({ state: 'wait', at: undefined });
  const [message, setMessage] = useState({ text: '', failed: false });
  const isMoved = useRef(false);

  const go = useCallback((address: string, { replace = false } = {}) => {
    const before = location.pathname;
    history[replace ? 'replaceState' : 'pushState'](null, '', address);
    if (location.pathname !== before || !replace) isMoved.current = true;
    if (location.pathname !== before) scrollTo(0, 0);
    setPlace(currentPlace());
  }, []);

  const filter = useCallback((parameters: Record<string, string | undefined>) => {
    const { view, query } = currentPlace();
    const all = { ...Object.fromEntries(query), ...parameters };
    history.replaceState(null, '', addressOf(view as Parameters<typeof addressOf>[0], all));
    setPlace(currentPlace());
  }, []);

  const say = useCallback((text: string, failed = false) => setMessage({ text, failed }), []);

  const looked = useCallback((error?: unknown) => {
    if (error === undefined) return setStatus({ state: 'live', at: new Date() });
    if (error instanceof Refusal && error.isAboutKey) return setRefused(error);
    const isAway = !(error instanceof Refusal) || error.status >= 500;
    if (isAway) setStatus((before) => ({ ...before, state: 'away' }));
  }, []);

  const learnKey = useCallback(() => {
    readKey().then(
      (info) => {
        looked();
        setRefused(undefined);
        setKey(info);
      },
      (error) => {
        looked(error);
        // The service may be away for a moment only.
        if (!(error instanceof Refusal && error.isAboutKey)) setTimeout(learnKey, 5000);
      },
    );
  }, [looked]);
  useEffect(learnKey, [learnKey]);

  const useKey = useCallback(
    (text: string) => {
      keepKey(text);
      setKey(undefined);
      learnKey();
    },
    [learnKey],
  );

  useEffect(() => {
    const onBack = () => setPlace(currentPlace());
    const onClick = (event: MouseEvent) => follow(event, go);
    addEventListener('popstate', onBack);
    addEventListener('click', onClick);
    return () => {
      removeEventListener('popstate', onBack);
      removeEventListener('click', onClick);
    };
  }, [go]);

  useEffect(() => {
    if (message.text === '') return;
    const timer = setTimeout(() => say(''), 8000);
    return () => clearTimeout(timer);
  }, [message, say]);

  const view = VIEWS[place.view];
  const title = view?.title(place.query) ?? 'Not found';
  useEffect(() => {
    document.title = `${title} · pict-repo`;
    // So that a screen reader reads where a link has led, and Tab goes on from there.
    if (isMoved.current) document.querySelector('h1')?.focus({ preventScroll: true });
    isMoved.current = false;
  }, [title, place.view]);

  const console = useMemo<Console>(
    () => ({ place, go, filter, say, looked, may: (scope) => includesScope(key?.scope, scope) }),
    [place, go, filter, say, looked, key],
  );

  return (
    <ConsoleContext.Provider value={console}>
      <div data-state={status.state}>
        <a class="skip" href="#main">
          Skip to the content
        </a>
        <Header tab={view?.tab} status={status} access={key} onKey={useKey} />
        <main id="main">
          {refused ? (
            <KeyForm reason={refused} onKey={useKey} />
          ) : key === undefined ? (
            <p class="muted" role="status">
              {status.state === 'away' ? `${said(new TypeError())} Trying again…` : 'Connecting…'}
            </p>
          ) : view ? (
            <view.Show key={place.view} />
          ) : (
            <>
              <h1 tabIndex={-1}>There is no such view</h1>
              <p>
                <a href={addressOf('queues')}>To the queues</a>
              </p>
            </>
          )}
        </main>
        <p class={message.failed ? 'said failed' : 'said'} role="status">
          {message.text}
        </p>
      </div>
    </ConsoleContext.Provider>
  );
}

/** Opens links to other views without loading the page anew. */
function follow(event: MouseEvent, go: Console['go']): void {
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
  if (!link || !isPlain || event.defaultPrevented || link.target !== '') return;
  const url = new URL(link.href);
  if (url.origin !== location.origin || !url.pathname.startsWith(`${ROOT}console/`) || url.hash !== '')
    return;
  event.preventDefault();
  go(url.pathname + url.search);
}
