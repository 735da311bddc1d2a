import { useState } from 'preact/hooks';
import { count, counted } from '../text.js';
import { Confirm } from '../ui/dialog.js';
import { purge, type Queue } from './data.js';

interface PurgeOptions {
  queue: Queue;
  onClose: () => void;
  onDone: (text: string) => void;
}

/** Purges all waiting or all dead jobs. It names what goes, and wants the name of the queue typed. */
export function PurgeDialog({
  queue: { queue, ready, scheduled, running, dead },
  onClose,
  onDone,
}: PurgeOptions) {
  const [which, setWhich] = useState<'waiting' | 'dead'>(ready + scheduled > 0 ? 'waiting' : 'dead');
  const jobs = which === 'waiting' ? ready + scheduled : dead;
  return (
    <Confirm
      title={
        <>
          Purge <span class="name">{queue}</span>
        </>
      }
      action={`Purge ${counted(jobs, 'job')}`}
      typed={queue}
      isDangerous
      isDisabled={jobs === 0}
      onClose={onClose}
      onConfirm={async () => {
        const { purged } = await purge(queue, which);
        onDone(`${counted(purged, 'job')} purged from ${queue}.`);
      }}
    >
      <fieldset>
        <legend>Which jobs go for good</legend>
        <label class="check">
          <input
            type="radio"
            name="which"
            checked={which === 'waiting'}
            onChange={() => setWhich('waiting')}
          />
          All that have not begun: {count(ready)} waiting and {count(scheduled)} scheduled
        </label>
        <label class="check">
          <input type="radio" name="which" checked={which === 'dead'} onChange={() => setWhich('dead')} />
          All dead: {count(dead)}
        </label>
      </fieldset>
      <p class="muted">
        {running === 0 ? 'None is running.' : `${counted(running, 'job')} running: spared.`}
      </p>
    </Confirm>
  );
}
