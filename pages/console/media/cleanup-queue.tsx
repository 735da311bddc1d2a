const NAME = 'pict-repo-cleanup-queue';

export function cleanupQueue(): string {
  return sessionStorage.getItem(NAME) ?? '';
}

/** Where the files that a removal leaves go: it is asked once, and remembered in this tab. */
export function CleanupQueue({ queue, onChange }: { queue: string; onChange: (queue: string) => void }) {
  return (
    <label class="field">
      Queue for the files to delete
      <input
        value={queue}
        onInput={(event) => {
          const name = event.currentTarget.value;
          sessionStorage.setItem(NAME, name);
          onChange(name);
        }}
        autocomplete="off"
        spellcheck={false}
      />
      <small class="muted">
        A job is pushed there for each file, in the same transaction. Empty: nobody is told, and you delete
        the files yourself.
      </small>
    </label>
  );
}
