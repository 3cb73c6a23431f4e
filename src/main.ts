/** Before there is anything to stop, the process just leaves. */
let stop: (reason: string) => void = () => process.exit(0);
let stopping = false;

/** The first signal stops in good order, the second at once. A parent that is gone counts as a signal. */
function stopOnce(reason: string): void {
  if (stopping) return;
  stopping = true;
  stop(reason);
}

for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.on(signal, () => {
    if (stopping) process.exit(1);
    stopOnce(signal);
  });
process.on('disconnect', () => stopOnce('Parent gone'));

// Loading the program takes a second, in which a signal must be heard already.
const { start } = await import('./program.js');
await start((orderly) => (stop = orderly));
