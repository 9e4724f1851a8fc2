/** An attempt's hold on its job, as the run of it sees it. */
export interface Hold {
  /** Aborted once the job is cancelled, deleted, or another attempt's. */
  readonly lost: AbortSignal;
  /** The file is surveyed: from now on the job is `processing` as long as it is this attempt's. */
  loading(): void;
}

/** Of a run that nobody can take its job from. */
export const FIRM_HOLD: Hold = { lost: new AbortController().signal, loading: () => {} };

/** A promise's value; rejects as `reason` makes it as soon as the signal is aborted, whatever the promise does then. */
export function unlessAborted<T>(signal: AbortSignal, promise: Promise<T>, reason: () => Error): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(reason());
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
