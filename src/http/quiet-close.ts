import type { Socket } from 'node:net';

const { stackTraceLimit } = Error;

/**
 * Returns the function that has `onClosed` called for each socket that it gets, when that is closed.
 *
 * When a connection ends, Node makes an error for each of its requests. Nobody reads them, and their stack traces would
 * take most of the time, so errors have none meanwhile. All sockets share the listeners, which are not added by `once`:
 * functions for each of them would take half a kilobyte.
 */
export function quietClose(onClosed: (socket: Socket) => void): (socket: Socket) => void {
  function showStacks(this: Socket): void {
    Error.stackTraceLimit = stackTraceLimit;
    onClosed(this);
  }
  return (socket) => {
    socket.prependListener('close', hideStacks);
    socket.on('close', showStacks);
  };
}

function hideStacks(): void {
  Error.stackTraceLimit = 0;
}
