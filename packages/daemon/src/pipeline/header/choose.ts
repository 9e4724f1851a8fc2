/** Chooses which of the first records of a file is its header. */
import { Failure } from '../../failure.js';
import { type HeaderParts, headerUnreadable } from '../header.js';
import type { HeaderRule } from '../headerRule.js';
import type { Candidate } from './candidate.js';

export interface Chosen<Of extends HeaderParts> {
  header: Of;
  /** The index of the candidate. */
  at: number;
}

interface Refused {
  candidate: Candidate;
  known: number;
  failure: Failure;
}

/** The lines above a header may be records. */
class DoubtfulLines extends Failure {}

/** Examines candidates one after another. Ignores records without a value. */
export class HeaderChoice<Of extends HeaderParts> {
  readonly #rule: HeaderRule<Of>;
  readonly #delimiter: string;
  /** The first accepted candidate with a single value. It may be a title that is also the name of a column. */
  #single: Chosen<Of> | undefined;
  readonly #refused: Refused[] = [];

  constructor(rule: HeaderRule<Of>, delimiter: string) {
    this.#rule = rule;
    this.#delimiter = delimiter;
  }

  /**
   * Returns the header if this candidate shows it. If the columns are not known in advance, only `end` can show it.
   * @throws Failure `header_invalid` if data records may come before it
   */
  add(candidate: Candidate, at: number): Chosen<Of> | undefined {
    const { known } = this.#rule;
    if (known === undefined || candidate.values === 0 || isPreamble(candidate)) return undefined;
    try {
      const chosen = { header: readCells(candidate, this.#rule, this.#delimiter), at };
      if (candidate.values > 1) return this.#sure(chosen, candidate);
      this.#single ??= chosen;
    } catch (failure) {
      if (!(failure instanceof Failure)) throw failure;
      this.#refused.push({ candidate, known: known(candidate.cells), failure });
    }
    return undefined;
  }

  /**
   * Returns the header among all candidates.
   * @throws Failure of the candidate most like a header: the one with most columns that the rule knows or, if none has
   *   any, the first that is not a title
   */
  end(candidates: readonly Candidate[]): Chosen<Of> | undefined {
    if (this.#single !== undefined) return this.#sure(this.#single, candidates[this.#single.at]!);
    if (this.#rule.known === undefined) return this.#byShape(candidates);
    const best = this.#likeliest(candidates);
    if (best === undefined) return undefined;
    const { candidate } = best;
    const failure = this.#withRecords(best, candidates);
    // A failure that already names the header's line needs no addition.
    if (best === this.#refused[0] || failure instanceof DoubtfulLines) throw failure;
    throw new Failure(failure.code, `Line ${candidate.line} looks most like a header: ${failure.message}`, {
      cause: failure,
      options: failure.options,
    });
  }

  /** Reads a refused header again with the records below it, whose values show more options than its names. */
  #withRecords({ candidate, failure }: Refused, candidates: readonly Candidate[]): Failure {
    if (candidate.why !== undefined || failure instanceof DoubtfulLines) return failure;
    const below = candidates.slice(candidates.indexOf(candidate) + 1);
    const records = below
      .filter(({ why, values }) => why === undefined && values > 1)
      .map(({ cells }) => cells);
    try {
      this.#rule(candidate.cells, this.#delimiter, records);
    } catch (error) {
      if (error instanceof Failure) return error;
      throw error;
    }
    return failure;
  }

  #likeliest(candidates: readonly Candidate[]): Refused | undefined {
    // A candidate with an e-mail address is a data record, even if its other words are known.
    const named = this.#refused.filter(
      ({ candidate }) => !candidate.cells.some((cell) => /\S@\S/.test(cell)),
    );
    const most = Math.max(0, ...named.map(({ known }) => known));
    if (most > 0) return named.find(({ known }) => known === most);
    const first = candidates[headerByShape(candidates)];
    return this.#refused.find(({ candidate }) => candidate === first);
  }

  /**
   * Accepts a header if the lines above it are titles and notes: they have less than half as many values as the header,
   * or a single one, and do not name its columns. A line with more may be a record.
   */
  #sure(chosen: Chosen<Of>, { line, values }: Candidate): Chosen<Of> {
    const record = this.#refused.find(
      ({ candidate, known }) =>
        candidate.line < line &&
        (candidate.values >= values || (candidate.values > 1 && candidate.values * 2 >= values) || known > 1),
    );
    if (record === undefined) return chosen;
    throw new DoubtfulLines(
      'header_invalid',
      `Line ${line} is a header, but line ${record.candidate.line} above it may be a record or another header. To leave out the lines above the header, add --skip-lines ${line - 1}.`,
      { options: ['--skip-lines', String(line - 1)] },
    );
  }

  #byShape(candidates: readonly Candidate[]): Chosen<Of> | undefined {
    const at = headerByShape(candidates);
    if (at === -1) return undefined;
    return { header: readCells(candidates[at]!, this.#rule, this.#delimiter), at };
  }
}

/**
 * Returns whether this is the first line of a DATEV file (format EXTF, 7.0): the kind of file, its version and client,
 * in a hundred fields.
 */
function isPreamble({ line, cells }: Candidate): boolean {
  return line === 1 && /^(?:EXTF|DTVF)$/.test(cells[0]!.trim()) && /^\d+$/.test((cells[1] ?? '').trim());
}

/**
 * Finds the header without known names: the first record that is not a title. Titles have one value, or fewer fields
 * than most records, with values in less than half of that number.
 */
function headerByShape(candidates: readonly Candidate[]): number {
  const width = mostFrequent(candidates.map(({ cells }) => cells.length));
  const isTitle = ({ cells, values }: Candidate) =>
    width > 1 && (values === 1 || (cells.length < width && values * 2 < width));
  const at = candidates.findIndex((each) => each.values > 0 && !isTitle(each));
  return at === -1 ? candidates.findIndex(({ values }) => values > 0) : at;
}

/** @throws Failure `header_invalid` and those of the rule */
export function readCells<Of extends HeaderParts>(
  { why, line, cells }: Candidate,
  rule: HeaderRule<Of>,
  delimiter: string,
): Of {
  if (why !== undefined) throw headerUnreadable(`line ${line}: ${why}`, rule.wanted);
  return rule(cells, delimiter);
}

function mostFrequent(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  let best = 0;
  for (const [number, count] of counts)
    if (count > (counts.get(best) ?? 0) || (count === counts.get(best) && number > best)) best = number;
  return best;
}
