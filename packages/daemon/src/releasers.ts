import pTimeout from 'p-timeout';

/**
 * Closes what was opened, in the opposite order, each thing once, and all of them even if one fails or hangs:
 * a connection may wait for an answer that never comes.
 */
export class Releasers {
  readonly #releases: { name: string; release: () => Promise<void> | void; patienceMs: number }[] = [];

  /** `patienceMs`: how long closing one thing may take before the process stops waiting for it. */
  constructor(private readonly patienceMs = 1_000) {}

  /**
   * Registers how to close something that was just opened; with its own patience, `Infinity` for no limit.
   */
  add(name: string, release: () => Promise<void> | void, patienceMs = this.patienceMs): void {
    this.#releases.push({ name, release, patienceMs });
  }

  /**
   * Closes everything, last opened first. Safe to call again: nothing is closed twice. All together may take
   * until `deadline`, by performance.now(): after it, closing is started but not awaited, except with a
   * patience of `Infinity`.
   * @throws {AggregateError} with everything that could not be closed, after the rest was
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
