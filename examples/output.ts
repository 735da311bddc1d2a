/**
 * Calls `onClosed` when the output of the program is no longer read, as with `| head`. Without a listener the next line
 * would end the program in the middle of its work.
 */
export function whenOutputCloses(onClosed: () => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      onClosed();
    });
  }
}
