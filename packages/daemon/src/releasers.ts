/** What was opened is closed in the opposite order, each thing once, and all of it even if one fails. */
export class Releasers {
  readonly #releases: { name: string; release: () => Promise<void> | void }[] = [];

  /** Notes how to close something that has just been opened. */
  add(name: string, release: () => Promise<void> | void): void {
    this.#releases.push({ name, release });
  }

  /**
   * Closes everything, last opened first. Safe to call again: nothing is closed twice.
   * @throws {AggregateError} with what could not be closed, after all the rest was
   */
  async releaseAll(): Promise<void> {
    const failures: Error[] = [];
    for (let next = this.#releases.pop(); next; next = this.#releases.pop()) {
      try {
        await next.release();
      } catch (cause) {
        failures.push(new Error(`${next.name} was not closed`, { cause }));
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, failures.map((each) => each.message).join('; '));
  }
}
