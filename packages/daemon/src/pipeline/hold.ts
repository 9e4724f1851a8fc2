/** An attempt's hold on its job, as its run sees it. */
export interface Hold {
  /** Aborted once the job is cancelled, deleted, or taken over by another attempt. */
  readonly lost: AbortSignal;
  /** The file is surveyed: from now on the job is `processing`, as long as it belongs to this attempt. */
  loading(): void;
}

/** A hold that never ends, for runs whose job cannot be taken over. */
export const FIRM_HOLD: Hold = { lost: new AbortController().signal, loading: () => {} };

/** Resolves with a promise's value. Rejects with `reason` as soon as the signal is aborted, whatever the promise does. */
export function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>, reason: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(reason());
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
