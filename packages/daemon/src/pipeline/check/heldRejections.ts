/** Holds rejected records until they are passed on, a few at a time. */
import type { Rejection } from '@csvjobs/shared';

/**
 * Holds at most this many characters of rejected records, plus one record. A chunk of the file may have half a million
 * records: together, their rejections took 1 GB.
 */
const HELD = 64 * 1024;
/** Approximate cost of a rejection besides its text. */
const EACH = 256;

export class HeldRejections {
  #rejections: Rejection[] = [];
  #size = 0;

  get full(): boolean {
    return this.#size >= HELD;
  }

  get empty(): boolean {
    return this.#rejections.length === 0;
  }

  add(rejection: Rejection): void {
    this.#rejections.push(rejection);
    this.#size += EACH;
    for (const value of Object.values(rejection.row)) this.#size += value.length;
    for (const { message } of rejection.reasons ?? []) this.#size += EACH + 2 * message.length;
  }

  take(): Rejection[] {
    const taken = this.#rejections;
    this.#rejections = [];
    this.#size = 0;
    return taken;
  }
}
