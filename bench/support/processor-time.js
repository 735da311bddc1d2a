import { readdirSync, readFileSync } from 'node:fs';

/** Of Linux, in all its builds. */
const TICKS_PER_SECOND = 100;

/**
 * Seconds of a core that a process and its children have used; NaN where there is no /proc.
 *
 * @param {number | undefined} pid
 */
export function processorSeconds(pid) {
  try {
    const ticks = readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .reduce((sum, name) => sum + ticksOf(name, pid), 0);
    return ticks / TICKS_PER_SECOND;
  } catch {
    return Number.NaN;
  }
}

/** Of a process that is this one or its child. @param {string} name @param {number | undefined} pid */
function ticksOf(name, pid) {
  try {
    const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(name) !== pid && Number(fields[1]) !== pid) return 0;
    // Its own, and that of the children that have ended.
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
  } catch {
    // It has ended meanwhile.
    return 0;
  }
}
