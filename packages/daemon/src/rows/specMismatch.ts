import { listed } from '@csvjobs/shared/reading';

/**
 * The error for a file, a spec and a table that do not fit together. Thrown before anything is loaded; lists all
 * faults.
 */
export class SpecMismatch extends Error {
  override readonly name = 'SpecMismatch';
  /** The same file, spec and table will never fit. */
  readonly retryable = false;

  /**
   * @param faults one sentence each: the fault, and how to fix it
   * @param options words of a command line that fix all faults, if known
   * @param code `key_unusable` if the only fault is the key, and no other mapping of the columns helps
   * @param fields of the file, if a fault is about those; the message lists them once, after all faults
   */
  constructor(
    readonly faults: readonly string[],
    readonly options?: readonly string[],
    readonly code: 'spec_mismatch' | 'key_unusable' = 'spec_mismatch',
    fields: readonly string[] = [],
  ) {
    super([...faults, ...(fields.length > 0 ? [`found: ${listed(fields)}`] : [])].join('; '));
  }
}
