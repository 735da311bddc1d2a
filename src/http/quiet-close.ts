import type { Socket } from 'node:net';

const { stackTraceLimit } = Error;

/**
 * Returns a function that watches a socket: `onClosed` is called when the socket is closed.
 *
 * When a connection ends, Node makes an error for each of its requests. Nobody reads them, and their stack traces would
 * take most of the time, so errors get no stack trace at that moment. All sockets share the listeners, which are not
 * added by `once`: functions for each of them would take half a kilobyte.
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
