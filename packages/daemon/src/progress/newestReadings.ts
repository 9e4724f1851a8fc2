/**
 * How far the files are that are being read now, as Redis has said last: what a job's resource shows of it. It is not in
 * PostgreSQL, as nobody needs it once it is over.
 */
import type { FileReading, Progress } from '@csvjobs/shared';

/** How long a value is good, milliseconds: a worker that reads says more often how far it is. */
const GOOD_MS = 10_000;

export class NewestReadings {
  readonly #readings = new Map<string, { reading: FileReading; at: number }>();
  readonly #now: () => number;

  /** @param now a clock that nobody sets, milliseconds */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Takes in what was published; any progress without a reading ends that of its job. */
  hear({ jobId, reading }: Progress): void {
    this.#readings.delete(jobId);
    if (reading) this.#readings.set(jobId, { reading, at: this.#now() });
    // The oldest are first.
    for (const [id, { at }] of this.#readings) {
      if (this.#isGood(at)) break;
      this.#readings.delete(id);
    }
  }

  of(jobId: string): FileReading | undefined {
    const found = this.#readings.get(jobId);
    return found && this.#isGood(found.at) ? found.reading : undefined;
  }

  #isGood(at: number): boolean {
    return this.#now() - at < GOOD_MS;
  }
}
