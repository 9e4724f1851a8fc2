export interface Repeated {
  /** Resolves when the work was done, or tried, for the first time. */
  first: Promise<void>;
  /** Starts no more work; waits for work under way. */
  stop(): Promise<void>;
}

/**
 * Does a piece of work now, and then at intervals until it is stopped, never twice at once. Passes errors to
 * `onError`; the next time may succeed.
 */
export function repeat(
  work: () => Promise<void>,
  intervalMs: number,
  onError: (error: Error) => void,
): Repeated {
  let running: Promise<void> | undefined;
  const run = () => {
    running ??= work()
      .catch(onError)
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  const first = run();
  const timer = setInterval(run, intervalMs);
  return {
    first,
    async stop() {
      clearInterval(timer);
      await running;
    },
  };
}
