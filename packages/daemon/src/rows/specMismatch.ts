/** A file, a spec and a table that do not fit together: found before anything is loaded, and named whole. */
export class SpecMismatch extends Error {
  override readonly name = 'SpecMismatch';
  readonly code = 'spec_mismatch';
  /** The same file, spec and table never fit. */
  readonly retryable = false;

  /**
   * @param faults one sentence each: what is wrong, and what to do about it
   * @param options words of a command line that make all of it good, where they are known
   */
  constructor(
    readonly faults: readonly string[],
    readonly options?: readonly string[],
  ) {
    super(faults.join('; '));
  }
}
