/** What a person says about a file, so that it need not be guessed. */
import type { FileDialect, Spec } from '@csvjobs/shared';
import { Failure } from '../failure.js';
import { delimiterNamed } from '../pipeline/decode/delimiter.js';

/** As a job stores them. */
export interface Overrides {
  encoding?: string;
  delimiter?: string;
  dialect?: FileDialect;
  /** For a file of fixed records: names of columns that the report has added, which are not data. */
  leaveOut?: string[];
  strict?: boolean;
}

/** Header rows and footer lines are searched for within this many lines. */
const MOST_LINES = 1_000;

/**
 * Encoding and delimiter from the request, otherwise from the spec, and the spec's dialect; empty and missing
 * values are left out. The gate checks whether the encoding is known.
 * @throws {Failure} `bad_request` for an impossible delimiter; `spec_invalid` for an impossible dialect
 */
export function overridesFor(
  { encoding, delimiter }: { encoding?: string | undefined; delimiter?: string | undefined },
  spec?: Spec,
): Overrides {
  const dialect = dialectOf(spec);
  const asked = delimiter || spec?.dialect?.delimiter;
  const read = {
    encoding: encoding || spec?.encoding,
    delimiter: asked && delimiterOf(asked, delimiter ? 'bad_request' : 'spec_invalid'),
  };
  mustDiffer({ ...dialect, delimiter: read.delimiter || undefined });
  return {
    ...(read.encoding && { encoding: read.encoding }),
    ...(read.delimiter && { delimiter: read.delimiter }),
    ...(Object.keys(dialect).length > 0 && { dialect }),
    ...(spec?.csvjobs?.strict && { strict: true }),
  };
}

function delimiterOf(name: string, code: 'bad_request' | 'spec_invalid'): string {
  try {
    return delimiterNamed(name);
  } catch (error) {
    throw new Failure(code, (error as Error).message, { cause: error });
  }
}

/** Table Dialect v2 and the additions of the block `csvjobs`; only what differs from RFC 4180. */
function dialectOf(spec: Spec | undefined): FileDialect {
  const { header, headerRows, headerJoin, commentRows, ...dialect } = spec?.dialect ?? {};
  const { columns, skipLines, footer, quotes } = spec?.csvjobs ?? {};
  const quote = quotes === 'none' ? null : dialect.quoteChar;
  const names = header === false ? (columns ?? spec?.schema?.fields.map(({ name }) => name)) : undefined;
  if (header === false && (names === undefined || names.length === 0))
    throw invalid(
      'a file without a header needs the names of its fields: --no-header --columns name,email,company (csvjobs.columns)',
    );
  if (header !== false && columns !== undefined)
    throw invalid(
      'csvjobs.columns names the fields of a file without a header; add --no-header (dialect.header: false)',
    );
  if (header === false && headerRows !== undefined)
    throw invalid('dialect.header is false, but dialect.headerRows is set; remove one of them');
  for (const [name, count] of Object.entries({ footer, headerRows: Math.max(0, ...(headerRows ?? [])) }))
    if (count !== undefined && count > MOST_LINES) throw invalid(`${name} may be at most ${MOST_LINES}`);
  return {
    ...(quote !== undefined && quote !== '"' && { quote }),
    ...(dialect.escapeChar !== undefined && { escape: dialect.escapeChar }),
    ...(dialect.doubleQuote === false && { doubleQuote: false }),
    ...(dialect.skipInitialSpace && { skipInitialSpace: true }),
    ...(quotes === 'lenient' && { quotes }),
    ...(dialect.commentChar !== undefined && { comment: dialect.commentChar }),
    ...(commentRows !== undefined && commentRows.length > 0 && { commentRows }),
    ...(skipLines && { skipLines }),
    ...(names !== undefined && { columns: names }),
    ...(headerRows !== undefined && { headerRows: [...new Set(headerRows)].sort((a, b) => a - b) }),
    ...(headerRows !== undefined && headerJoin !== undefined && { headerJoin }),
    ...(footer !== undefined && { footer }),
  };
}

/** The characters that mark the ends of fields must differ. */
function mustDiffer({
  delimiter,
  quote = '"',
  escape: mark,
  comment,
}: FileDialect & { delimiter: string | undefined }): void {
  const marks = Object.entries({ delimiter, quote, comment }).filter(([, each]) => each != null);
  const escapes = mark === undefined || mark === quote ? [] : [['escape', mark] as const];
  const all = [...marks, ...escapes] as [string, string][];
  for (const [at, [name, one]] of all.entries())
    for (const [other, same] of all.slice(0, at))
      if (same.startsWith(one) || one.startsWith(same))
        throw invalid(`${JSON.stringify(one)} cannot be both the ${other} and the ${name} character`);
  for (const [name, one] of all)
    if (/[\r\n\0]/.test(one)) throw invalid(`the ${name} character cannot be a line end or NUL`);
}

function invalid(why: string): Failure {
  return new Failure('spec_invalid', why);
}
