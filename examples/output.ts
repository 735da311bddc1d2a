/**
 * Calls `onClosed` where nobody reads what the program prints any more, as behind `| head`. Without a listener the next
 * line would end the program, whatever it is doing.
 */
export function whenOutputCloses(onClosed: () => void): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      onClosed();
    });
  }
}
