import { useState } from 'preact/hooks';
import { useConsole } from '../console-context.js';
import { usePoll } from '../poll.js';
import { count, counted } from '../text.js';
import { Confirm } from '../ui/dialog.js';
import { Trouble } from '../ui/parts.js';
import { CleanupQueue, cleanupQueue } from './cleanup-queue.js';
import { RemovedText } from './removed.js';
import { type CleanedPass, cleanPass, type Finding } from './report-data.js';

interface CleanOptions {
  finding: Finding;
  onClose: () => void;
  onDone: (text: string) => void;
}

/** Cleans what the report has found: first a dry run that says what goes, then for real. */
export function CleanDialog({ finding, onClose, onDone }: CleanOptions) {
  const { leave } = useConsole();
  const [queue, setQueue] = useState(cleanupQueue);
  const [done, setDone] = useState(0);
  const dry = usePoll(`dry run ${finding.kind}`, () => cleanPass(finding, { dry_run: true }), { once: true });

  async function run(): Promise<void> {
    let [touched, isMore] = [0, true];
    let after: string | undefined;
    const files: string[] = [];
    try {
      while (isMore) {
        const pass = await cleanPass(finding, {
          dry_run: false,
          ...(queue !== '' && { enqueue: queue }),
          ...(after !== undefined && { after }),
        });
        touched += sizeOf(pass);
        files.push(...pass.removed.identifiers);
        setDone(touched);
        after = pass.next;
        isMore = pass.more && after !== undefined;
      }
    } finally {
      // Also those of the passes before one that failed.
      if (queue === '') leave(files);
    }
    onDone(
      touched === 0
        ? 'There was nothing left to clean.'
        : `Cleaned; ${counted(files.length, 'file')} to delete.`,
    );
  }

  return (
    <Confirm
      title="Clean up"
      action="Clean"
      isDangerous
      isDisabled={dry.data === undefined || (sizeOf(dry.data) === 0 && !dry.data.more)}
      onClose={onClose}
      onConfirm={run}
    >
      <p>{finding.description}</p>
      <Trouble of={dry} />
      {dry.data ? (
        <RemovedText
          before={dry.data.more ? 'The first pass takes' : 'This takes'}
          removed={dry.data.removed}
        />
      ) : (
        <p class="muted">Dry run…</p>
      )}
      {dry.data && dry.data.repaired.length > 0 && (
        <p>{counted(dry.data.repaired.length, 'row')} of files put right.</p>
      )}
      <CleanupQueue queue={queue} onChange={setQueue} />
      <p role="status">{done > 0 && `${count(done)} so far`}</p>
    </Confirm>
  );
}

/** How much a pass has done. */
function sizeOf({ removed, repaired }: CleanedPass): number {
  const { aliases, hashes = [], identifiers } = removed;
  return aliases.length + hashes.length + identifiers.length + repaired.length;
}
