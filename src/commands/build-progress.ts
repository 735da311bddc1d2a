import type { Build, BuildWatch } from '../database/build-watch.js';
import { type Output, progressIntervalMs } from '../transfer/progress.js';

/**
 * Shows how far the builds of indexes are. On a terminal it is one line that is overwritten; otherwise it is a line of
 * JSON every few seconds.
 */
export function buildProgress(output: Output): BuildWatch & { end(): void } {
  return {
    everyMs: progressIntervalMs(output),

    show({ index, phase, done, total }: Build): void {
      const percent = total > 0 ? Math.floor((100 * done) / total) : undefined;
      if (output.isTTY) {
        const counted = percent === undefined ? '' : `, ${percent} %`;
        output.write(`\r\x1b[Kindex ${index}: ${phase}${counted}`);
        return;
      }
      const line = {
        time: new Date().toISOString(),
        index,
        phase,
        ...(percent !== undefined && { percent }),
      };
      output.write(`${JSON.stringify(line)}\n`);
    },

    /** Removes the line from the terminal. */
    end(): void {
      if (output.isTTY) output.write('\r\x1b[K');
    },
  };
}
