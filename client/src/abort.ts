type Listener = () => void;

interface Audience {
  waiting: Set<Listener>;
  hear: Listener;
}

const audiences = new WeakMap<AbortSignal, Audience>();

/**
 * Calls `listener` when the signal is aborted, unless the function that is returned was called before. A signal has one
 * listener of ours however many wait for it: Node 20 warns of more than ten, and a thousand calls may share a signal.
 */
export function onAbort(signal: AbortSignal, listener: Listener): () => void {
  const audience = audiences.get(signal) ?? listen(signal);
  // A function for each call, as the same listener may wait twice.
  const own = () => listener();
  audience.waiting.add(own);
  return () => {
    audience.waiting.delete(own);
    // A signal that lives as long as the process keeps nothing of ours.
    if (audience.waiting.size === 0 && audiences.get(signal) === audience) leave(signal, audience);
  };
}

function listen(signal: AbortSignal): Audience {
  const waiting = new Set<Listener>();
  const hear = () => {
    leave(signal, audience);
    // One that is taken back by a listener before it is not called.
    for (const listener of waiting) listener();
  };
  const audience = { waiting, hear };
  audiences.set(signal, audience);
  signal.addEventListener('abort', hear);
  return audience;
}

function leave(signal: AbortSignal, { hear }: Audience): void {
  signal.removeEventListener('abort', hear);
  audiences.delete(signal);
}
