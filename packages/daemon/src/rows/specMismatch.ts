/**
 * The error for a file, a spec and a table that do not fit together. Thrown before anything is loaded; lists all
 * faults.
 */
export class SpecMismatch extends Error {
  override readonly name = 'SpecMismatch';
  readonly code = 'spec_mismatch';
  /** The same file, spec and table will never fit. */
  readonly retryable = false;

  /**
   * @param faults one sentence each: the fault, and how to fix it
   * @param options words of a command line that fix all faults, if known
   */
  constructor(
    readonly faults: readonly string[],
    readonly options?: readonly string[],
  ) {
    super(faults.join('; '));
  }
}
