/**
 * Does a piece of work now and then, until it is stopped, never twice at once. What goes wrong is told to `onError`;
 * the next time may be better. `stop` waits for what is being done.
 */
export function repeat(
  work: () => Promise<void>,
  intervalMs: number,
  onError: (error: Error) => void,
): { stop(): Promise<void> } {
  let running: Promise<void> | undefined;
  const timer = setInterval(() => {
    running ??= work()
      .catch(onError)
      .finally(() => {
        running = undefined;
      });
  }, intervalMs);
  return {
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
