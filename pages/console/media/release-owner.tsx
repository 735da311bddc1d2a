import { useState } from 'preact/hooks';
import { useConsole } from '../console-context.js';
import { usePoll } from '../poll.js';
import { count, counted } from '../text.js';
import { Confirm } from '../ui/dialog.js';
import { Trouble } from '../ui/parts.js';
import { CleanupQueue, cleanupQueue } from './cleanup-queue.js';
import { releaseOwner } from './data.js';
import { RemovedText } from './removed.js';

const PASS = 1000;

interface ReleaseOwnerOptions {
  owner: string;
  onClose: () => void;
  onDone: () => void;
}

/** Releases every alias of an owner: first a dry run that says what goes, then for real. */
export function ReleaseOwner({ owner, onClose, onDone }: ReleaseOwnerOptions) {
  const { say } = useConsole();
  const [queue, setQueue] = useState(cleanupQueue);
  const [released, setReleased] = useState(0);
  const dry = usePoll(
    `dry run ${owner}`,
    () => releaseOwner(owner, { isDry: true, queue: '', limit: PASS }),
    { once: true },
  );

  async function run(): Promise<void> {
    let [aliases, files, isMore] = [0, 0, true];
    while (isMore) {
      const { removed, more } = await releaseOwner(owner, { isDry: false, queue, limit: PASS });
      aliases += removed.aliases.length;
      files += removed.identifiers.length;
      setReleased(aliases);
      // A pass that removes nothing will not later: what is left is locked.
      isMore = more && removed.aliases.length > 0;
    }
    say(`${counted(aliases, 'alias', 'aliases')} of ${owner} released, ${counted(files, 'file')} to delete.`);
    onDone();
  }

  return (
    <Confirm
      title={
        <>
          Release everything of <span class="name">{owner}</span>
        </>
      }
      action="Release"
      typed={owner}
      isDangerous
      isDisabled={dry.data === undefined || dry.data.removed.aliases.length === 0}
      onClose={onClose}
      onConfirm={run}
    >
      <Trouble of={dry} />
      {dry.data ? (
        <RemovedText
          before={dry.data.more ? `The first pass of ${count(PASS)} aliases takes` : 'This takes'}
          removed={dry.data.removed}
        />
      ) : (
        <p class="muted">Dry run…</p>
      )}
      <p>Contents that other owners have too stay.</p>
      <CleanupQueue queue={queue} onChange={setQueue} />
      <p role="status">{released > 0 && `${count(released)} so far`}</p>
    </Confirm>
  );
}
