/** A file, a spec and a table that do not fit together: found before anything is loaded, and named whole. */
export class SpecMismatch extends Error {
  override readonly name = 'SpecMismatch';
  readonly code = 'spec_mismatch';
  /** The same file, spec and table never fit. */
  readonly retryable = false;

  /** @param faults one sentence each: what is wrong, and what to do about it */
  constructor(readonly faults: readonly string[]) {
    super(faults.join('; '));
  }
}
