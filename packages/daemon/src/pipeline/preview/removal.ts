/**
 * Previews of replacements: which rows of the table would go. To find out, a preview loads all records of a short file, as a dry run
 * does. For a longer file, of which only the beginning is there, a notice says that it does not know. It does the same if the table
 * cannot be locked or if it takes too long; it then shows the first records without the rows that would go.
 */
import { grouped, type LoadMode, type Preview, type PreviewedRemoval, rowCount } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import { isLocked } from '../../sql/patience.js';
import { InTheWay } from '../../sql/preview/previewLane.js';
import { exceededLimit } from '../gate.js';
import type { Going, RemovalLimits } from '../loading.js';
import { TooManyToRemove } from '../target/replacing.js';

/** Maximum number of rows that a preview removes and rolls back: more work than that is for a dry run. */
export const MOST_REMOVED = 50_000;
/** Longest time for which a preview locks the table, in ms. */
const LOCKED_MS = 10_000;
/** The failures of a replacement that the rows of its table cause. */
const REFUSALS = new Set(['max_removed_exceeded', 'rows_referenced', 'rows_not_removed']);

const DRY_RUN = 'a dry run can tell (csvjobs upload <file> --replace --dry-run)';
const UNKNOWN = 'cannot tell which rows of the table would be removed:';

/** Collects the rows that would go while a preview loads its records. */
export class RemovalWatch implements RemovalLimits {
  readonly most = MOST_REMOVED;
  readonly notices: string[] = [];
  #going: Going | undefined;
  #refusals: PreviewedRemoval['refusals'] = [];
  #whole = false;

  seen(going: Going): void {
    this.#going = going;
  }

  /** From now on: the load reads all records of the file. */
  readsAll(): void {
    this.#whole = true;
  }

  /**
   * Records why the load has ended. Returns false if the rows that would go are not the reason.
   */
  noteEnd(error: unknown): boolean {
    if (error instanceof TooManyToRemove) {
      this.notices.push(
        `too many rows would be removed to check here whether others reference them; ${DRY_RUN}`,
      );
      return true;
    }
    if (!(error instanceof Failure) || !REFUSALS.has(error.code)) return false;
    this.#refuse(error.code, error.message);
    return true;
  }

  /** Judges the number of rejected records of the whole file, as the gate of the job would. */
  noteRejected(rejected: number, records: number, mode: LoadMode): void {
    const limit = exceededLimit(mode, rejected, records);
    if (limit !== undefined)
      this.#refuse(
        'gate_not_met',
        `${grouped(rejected)} of the ${rowCount(records, 'record')} would be rejected, and ${limit}: nothing would change. Correct them, or allow more with --max-errors ${rejected}`,
      );
  }

  #refuse(code: string, message: string): void {
    this.#refusals = [...this.#refusals.filter((each) => each.code !== code), { code, message }];
  }

  /** Undefined if it is not known which rows would go. */
  get removed(): PreviewedRemoval | undefined {
    if (!this.#going) return undefined;
    const { before, rows, first } = this.#going;
    return { rows, of: before, first, whole: this.#whole, refusals: this.#whole ? this.#refusals : [] };
  }
}

/** The notice for a file of which only the beginning was read. @param byKey the file has a key of the table */
export function unknownOfBeginning(byKey: boolean): string {
  return byKey
    ? `${UNKNOWN} only the beginning of the file was read; ${DRY_RUN}`
    : `the file has no key of the table, so all its rows would be removed; the beginning of the file does not show whether --max-removed allows that; ${DRY_RUN}`;
}

/**
 * Makes a preview that looks for the rows that would go. If that does not succeed, makes one that does not look.
 * @param attempt makes a preview on its own connection; must end soon after the signal is aborted
 * @param lockedMs longest time for the preview that looks, in ms
 */
export async function withRemoval(
  signal: AbortSignal,
  attempt: (signal: AbortSignal, watch?: RemovalWatch) => Promise<Preview>,
  lockedMs = LOCKED_MS,
): Promise<Preview> {
  const watch = new RemovalWatch();
  const soon = AbortSignal.any([signal, AbortSignal.timeout(lockedMs)]);
  let known = true;
  try {
    return await attempt(soon, watch);
  } catch (error) {
    signal.throwIfAborted();
    if (!watch.noteEnd(error)) {
      known = false;
      watch.notices.push(soon.aborted ? tooLong(lockedMs) : whyUnknown(error));
    }
  }
  const preview = await attempt(signal);
  const removed = known ? watch.removed : undefined;
  return { ...preview, ...(removed && { removed }), notices: [...preview.notices, ...watch.notices] };
}

function tooLong(ms: number): string {
  return `${UNKNOWN} it takes longer than ${ms / 1_000} s; ${DRY_RUN}`;
}

/** The notice for an error of the search. @throws the error if it has nothing to do with the rows that would go */
function whyUnknown(error: unknown): string {
  if (error instanceof InTheWay || isLocked(error))
    return `${UNKNOWN} another transaction writes to the table; try again when it has ended`;
  throw error;
}
