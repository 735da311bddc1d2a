import { pino } from 'pino';
import { readConfig } from '../../dist/src/config.js';
import { startService } from '../../dist/src/service.js';
import { answerCalls } from './child.js';

// The service, in a process that can be asked how long its event loop stood still.

/** Of this thread, or of the process where Node is too old for that. */
const cpuUsage = process.threadCpuUsage?.bind(process) ?? process.cpuUsage.bind(process);
let longest = { milliseconds: 0, cpuMilliseconds: 0 };

/** Looks every millisecond how long ago the last look was. */
function watch() {
  let last = performance.now();
  let used = cpuUsage();
  setInterval(() => {
    const now = performance.now();
    const using = cpuUsage();
    const cpuMilliseconds = (using.user - used.user + using.system - used.system) / 1000;
    longest = {
      milliseconds: Math.max(longest.milliseconds, now - last),
      cpuMilliseconds: Math.max(longest.cpuMilliseconds, cpuMilliseconds),
    };
    [last, used] = [now, using];
  }, 1);
}

answerCalls({
  /** @returns {Promise<number>} its port */
  async start({ url }) {
    const log = pino({ level: 'info' }, { write: () => {} });
    const service = await startService(readConfig({ PORT: '0', QUEUE_WAIT_SECONDS: '0' }), url, log);
    watch();
    return Number(new URL(service.url).port);
  },

  /**
   * The longest time since the last call in which nothing else could be done, by the clock, and what it was without the
   * time that other processes had the core.
   */
  async longestBlock() {
    const found = longest;
    longest = { milliseconds: 0, cpuMilliseconds: 0 };
    return found;
  },
});
