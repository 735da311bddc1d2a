type Listener = () => void;

/** The listeners of a signal, and the one listener that calls them. */
interface Followers {
  waiting: Set<Listener>;
  notify: Listener;
}

const followersOf = new WeakMap<AbortSignal, Followers>();

/**
 * Calls `listener` when the signal is aborted, unless the returned function was called before. However many wait for a
 * signal, this client adds one listener to it: Node 20 warns if there are more than ten, and a thousand calls may share
 * a signal.
 */
export function onAbort(signal: AbortSignal, listener: Listener): () => void {
  const followers = followersOf.get(signal) ?? listen(signal);
  // A function for each call, because the same listener may wait twice.
  const own = () => listener();
  followers.waiting.add(own);
  return () => {
    followers.waiting.delete(own);
    // Nothing stays on a signal that lives as long as the process.
    if (followers.waiting.size === 0 && followersOf.get(signal) === followers) unlisten(signal, followers);
  };
}

function listen(signal: AbortSignal): Followers {
  const waiting = new Set<Listener>();
  const notify = () => {
    unlisten(signal, followers);
    // A listener that was removed by one before it is not called.
    for (const listener of waiting) listener();
  };
  const followers = { waiting, notify };
  followersOf.set(signal, followers);
  signal.addEventListener('abort', notify);
  return followers;
}

function unlisten(signal: AbortSignal, { notify }: Followers): void {
  signal.removeEventListener('abort', notify);
  followersOf.delete(signal);
}
