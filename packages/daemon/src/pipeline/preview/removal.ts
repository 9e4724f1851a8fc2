/**
 * Of a preview of a replacement: which rows of the table would go. All records of a short file are loaded for that, as a dry run does.
 * Of a longer one, of which only the beginning is there, nothing is said but by words; so it is where the table cannot be locked, or
 * where it takes too long: then the first records are shown without.
 */
import {
  allowedRejects,
  type LoadMode,
  type Preview,
  type PreviewedRemoval,
  readMaxErrors,
} from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import { InTheWay } from '../../sql/preview/previewLane.js';
import { isLocked } from '../../sql/target/catalog.js';
import type { Going, RemovalLimits } from '../loading.js';
import { TooManyToRemove } from '../target/replacing.js';

/** Rows that are removed for a look, at most: each leaves a dead row behind. */
export const MOST_REMOVED = 50_000;
/** Longer than this the table of a replacement is not kept locked. */
const LOCKED_MS = 10_000;
/** Of the failures of a replacement those that the rows of its table cause. */
const REFUSALS = new Set(['max_removed_exceeded', 'rows_referenced', 'rows_not_removed']);

const DRY_RUN = 'a dry run knows (csvjobs upload <file> --replace --dry-run)';
const UNKNOWN = 'which rows of the table would be removed is not known:';

/** What is seen of the rows that go, while a preview loads its records. */
export class RemovalWatch implements RemovalLimits {
  readonly most = MOST_REMOVED;
  readonly notices: string[] = [];
  #going: Going | undefined;
  #refusals: PreviewedRemoval['refusals'] = [];
  #whole = false;

  seen(going: Going): void {
    this.#going = going;
  }

  /** The load of a file that has no other records than it has seen. */
  readsAll(): void {
    this.#whole = true;
  }

  /**
   * Notes why the load has ended. False for anything else than the rows that would go.
   */
  noteEnd(error: unknown): boolean {
    if (error instanceof TooManyToRemove) {
      this.notices.push(
        `too many rows would be removed to try it here: whether others reference them, ${DRY_RUN}`,
      );
      return true;
    }
    if (!(error instanceof Failure) || !REFUSALS.has(error.code)) return false;
    this.#refuse(error.code, error.message);
    return true;
  }

  /** Judges how many records of the whole file are rejected, as the gate of the job would. */
  noteRejected(rejected: number, records: number, { maxErrors }: LoadMode): void {
    const gate = maxErrors === undefined ? undefined : readMaxErrors(maxErrors);
    const allowed = gate ? allowedRejects(gate, records) : records;
    if (rejected > allowed)
      this.#refuse(
        'gate_not_met',
        `${rejected} of the ${records} records would be rejected, and at most ${allowed} may be (maxErrors ${maxErrors}): nothing would be changed. Correct them, or allow more with --max-errors ${rejected}`,
      );
  }

  #refuse(code: string, message: string): void {
    this.#refusals = [...this.#refusals.filter((each) => each.code !== code), { code, message }];
  }

  /** Undefined where it is not known which rows would go. */
  get removed(): PreviewedRemoval | undefined {
    if (!this.#going) return undefined;
    const { before, rows, first } = this.#going;
    return { rows, of: before, first, whole: this.#whole, refusals: this.#whole ? this.#refusals : [] };
  }
}

/** @param byKey rows are found by a key that the file has */
export function unknownOfBeginning(byKey: boolean): string {
  return byKey
    ? `${UNKNOWN} only the beginning of the file was read; ${DRY_RUN}`
    : `the file has no key of the table, so all its rows would be removed; whether --max-removed allows that the beginning of the file does not say: ${DRY_RUN}`;
}

/**
 * Makes a preview that looks for the rows that would go; and one that does not, where that has come to no end.
 * @param attempt makes a preview, with its own connection; must end soon once the signal is aborted
 */
export async function withRemoval(
  signal: AbortSignal,
  attempt: (signal: AbortSignal, watch?: RemovalWatch) => Promise<Preview>,
): Promise<Preview> {
  const watch = new RemovalWatch();
  const soon = AbortSignal.any([signal, AbortSignal.timeout(LOCKED_MS)]);
  let known = true;
  try {
    return await attempt(soon, watch);
  } catch (error) {
    signal.throwIfAborted();
    if (!watch.noteEnd(error)) {
      known = false;
      watch.notices.push(whyUnknown(error, soon));
    }
  }
  const preview = await attempt(signal);
  const removed = known ? watch.removed : undefined;
  return { ...preview, ...(removed && { removed }), notices: [...preview.notices, ...watch.notices] };
}

/** @throws the error that has nothing to do with the rows that would go */
function whyUnknown(error: unknown, soon: AbortSignal): string {
  if (soon.aborted) return `${UNKNOWN} it takes longer than ${LOCKED_MS / 1_000} s; ${DRY_RUN}`;
  if (error instanceof InTheWay || isLocked(error))
    return `${UNKNOWN} another transaction writes into the table; try again when it has ended`;
  throw error;
}
