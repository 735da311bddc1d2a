import { useEffect, useRef, useState } from 'preact/hooks';
import { useConsole } from '../console-context.js';
import { count, counted, said } from '../text.js';
import { Confirm } from '../ui/dialog.js';
import {
  type Action,
  actOnAll,
  type Changed,
  countMatching,
  type Match,
  STATE_LABELS,
  type State,
  type Which,
} from './data.js';

/** What can be done with jobs in a state: the word for it, and for what has been done. */
const ACTIONS: Record<Action, { label: string; done: string; isDangerous: boolean }> = {
  retry: { label: 'Retry', done: 'waiting again', isDangerous: false },
  'run-now': { label: 'Run now', done: 'waiting for a worker now', isDangerous: false },
  remove: { label: 'Delete', done: 'deleted', isDangerous: true },
};

export function actionsOf(state: State): { action: Action; label: string }[] {
  if (state === 'completed') return [];
  if (state === 'running') return [{ action: 'remove', label: 'Cancel' }];
  const first: Action[] = state === 'dead' ? ['retry'] : state === 'scheduled' ? ['run-now'] : [];
  return [...first, 'remove' as const].map((action) => ({ action, label: ACTIONS[action].label }));
}

/** What has been done, in a sentence. */
export function doneText(action: Action, state: State, { changed, skipped }: Changed): string {
  const done = state === 'running' ? 'asked to stop, or deleted' : ACTIONS[action].done;
  const rest =
    skipped === 0
      ? ''
      : ` ${count(skipped)} could not be changed: locked, no longer ${STATE_LABELS[state]}, or with a unique key that is used again.`;
  return `${counted(changed, 'job')} ${done}.${rest}`;
}

interface JobActionsOptions {
  state: State;
  /** The chosen jobs. */
  ids: string[];
  /** All jobs of the list, on every page. */
  match: Match;
  onDone: () => void;
}

/** Acts on the chosen jobs at once, and on all that match after a question that says how many. */
export function JobActions({ state, ids, match, onDone }: JobActionsOptions) {
  const { say } = useConsole();
  const [asked, setAsked] = useState<{ action: Action; label: string; which: Which; text: string }>();
  const [isBusy, setBusy] = useState(false);
  const status = useRef<HTMLSpanElement>(null);
  const wasBusy = useRef(false);

  // A button that is disabled loses the focus, and Tab would begin anew at the top of the page.
  useEffect(() => {
    if (wasBusy.current && !isBusy && document.activeElement === document.body) status.current?.focus();
    wasBusy.current = isBusy;
  }, [isBusy]);

  async function run(action: Action, which: Which, onPass?: (soFar: Changed) => void): Promise<void> {
    const changed = await actOnAll(action, which, onPass);
    say(doneText(action, state, changed), changed.changed === 0);
    onDone();
  }

  async function onChosen(action: Action, label: string): Promise<void> {
    if (ACTIONS[action].isDangerous) {
      return setAsked({ action, label, which: { ids }, text: counted(ids.length, 'chosen job') });
    }
    setBusy(true);
    await run(action, { ids }).catch((error) => say(said(error), true));
    setBusy(false);
  }

  async function onAll(action: Action, label: string): Promise<void> {
    setBusy(true);
    const filled = Object.fromEntries(Object.entries(match).filter(([, value]) => value !== ''));
    try {
      const { matched, more } = await countMatching(action, filled);
      const text = `${more ? 'more than ' : ''}${counted(matched, 'job')}`;
      setAsked({ action, label, which: { match: filled }, text });
    } catch (error) {
      say(said(error), true);
    }
    setBusy(false);
  }

  return (
    <fieldset class="bulk">
      <legend class="unseen">Act on jobs</legend>
      <span ref={status} tabIndex={-1} role="status">
        {ids.length === 0 ? 'None chosen' : `${count(ids.length)} chosen`}
      </span>
      {actionsOf(state).map(({ action, label }) => (
        <button
          key={action}
          type="button"
          disabled={ids.length === 0 || isBusy}
          onClick={() => void onChosen(action, label)}
        >
          {label} chosen
        </button>
      ))}
      <span class="divide" />
      {isNarrow(match) &&
        actionsOf(state).map(({ action, label }) => (
          <button
            key={action}
            type="button"
            class="plain"
            disabled={isBusy}
            onClick={() => void onAll(action, label)}
          >
            {label} all that match…
          </button>
        ))}
      {asked && (
        <BulkDialog
          {...asked}
          state={state}
          onClose={() => setAsked(undefined)}
          run={(onPass) => run(asked.action, asked.which, onPass)}
        />
      )}
    </fieldset>
  );
}

/** Whether the service takes it: it refuses to act on all jobs that there are. */
function isNarrow({ state: _, ...filters }: Match): boolean {
  return Object.values(filters).some((value) => value !== undefined && value !== '');
}

interface BulkDialogOptions {
  action: Action;
  label: string;
  text: string;
  state: State;
  onClose: () => void;
  run: (onPass: (soFar: Changed) => void) => Promise<void>;
}

function BulkDialog({ action, label, text, state, onClose, run }: BulkDialogOptions) {
  const [soFar, setSoFar] = useState<Changed>();
  return (
    <Confirm
      title={`${label} ${text}?`}
      action={label}
      isDangerous={ACTIONS[action].isDangerous}
      onClose={onClose}
      onConfirm={() => run(setSoFar)}
    >
      <p>{EFFECTS[action === 'remove' && state === 'running' ? 'cancel' : action]}</p>
      <p role="status">{soFar && `${count(soFar.matched)} so far`}</p>
    </Confirm>
  );
}

const EFFECTS = {
  retry: 'They wait for a worker again, with no failed runs counted.',
  'run-now': 'They wait for a worker at once, and not for their time any longer.',
  remove: 'They are gone for good, and no worker gets them.',
  cancel:
    'Their workers learn of it with their next heartbeat, and should stop. They can still complete the jobs.',
};
