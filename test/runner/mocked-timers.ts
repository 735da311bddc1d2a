import { mock } from 'node:test';

const { clearTimeout: clearReal } = globalThis;

/**
 * While setTimeout is mocked, node:test ignores that a timer is cleared which was set before. A session of the file
 * before may still be closing then: its timers, of up to an hour, would keep the process alive. This clears them.
 */
export function clearRealTimers(): void {
  const prototype: typeof mock.timers = Object.getPrototypeOf(mockedTimers());
  const { enable } = prototype;
  prototype.enable = function (...options) {
    enable.apply(this, options);
    const { clearTimeout: clear } = globalThis;
    if (clear === clearReal) return;
    // The end of the mocking puts the real one back.
    globalThis.clearTimeout = (timer) => {
      clearReal(timer);
      clear(timer);
    };
  };
}

/** Node 20 warns at the first use in each process that they are experimental. Later ones do not. */
function mockedTimers(): typeof mock.timers {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return mock.timers;
  } finally {
    process.emitWarning = emitWarning;
  }
}
