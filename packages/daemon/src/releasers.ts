import pTimeout from 'p-timeout';

/**
 * What was opened is closed in the opposite order, each thing once, and all of it even if one fails or hangs: a
 * connection may wait for an answer that never comes.
 */
export class Releasers {
  readonly #releases: { name: string; release: () => Promise<void> | void; patienceMs: number }[] = [];

  /** `patienceMs`: how long closing one thing may take before it is left to the end of the process. */
  constructor(private readonly patienceMs = 1_000) {}

  /** Notes how to close something that has just been opened; with a patience of its own, `Infinity` for any length. */
  add(name: string, release: () => Promise<void> | void, patienceMs = this.patienceMs): void {
    this.#releases.push({ name, release, patienceMs });
  }

  /**
   * Closes everything, last opened first. Safe to call again: nothing is closed twice. All together may take until
   * `deadline`, by performance.now(): what is closed after it is begun with and not waited for, but for what has a
   * patience of `Infinity`.
   * @throws {AggregateError} with what could not be closed, after all the rest was
   */
  async releaseAll(deadline = Number.POSITIVE_INFINITY): Promise<void> {
    const failures: Error[] = [];
    for (let next = this.#releases.pop(); next; next = this.#releases.pop()) {
      try {
        const left = Math.max(0, deadline - performance.now());
        const anyTime = next.patienceMs === Number.POSITIVE_INFINITY;
        const milliseconds = anyTime ? next.patienceMs : Math.min(next.patienceMs, left);
        const message = `it took longer than ${milliseconds} ms`;
        await pTimeout(Promise.resolve(next.release()), { milliseconds, message });
      } catch (cause) {
        failures.push(new Error(`${next.name} was not closed`, { cause }));
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, failures.map((each) => each.message).join('; '));
  }
}
