/** Batches of a load for which a step is left out, because it did not pay for one before. */

/** How many they are after the first such batch. After another one in a row, twice as many and one more. */
const FIRST = 7;

export class Pause {
  #left = 0;
  #next = FIRST;

  /** Returns whether the step is left out for a batch. Must be called once for each. */
  includesNext(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }

  /** The step did not pay. Another lane may have begun a longer pause meanwhile. */
  begin(): void {
    this.#left = Math.max(this.#left, this.#next);
    this.#next = 2 * this.#next + 1;
  }

  /** The step is not worth another try. */
  beginForGood(): void {
    this.#left = Number.POSITIVE_INFINITY;
  }

  /** The step paid. */
  reset(): void {
    this.#next = FIRST;
  }
}
