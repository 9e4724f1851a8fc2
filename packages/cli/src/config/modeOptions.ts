/** Options for what happens to records whose key the table has, and for what empty fields mean, as edits of a spec. */
import type { Spec } from '@csvjobs/shared';
import { BLANKS, type ON_CONFLICT, OTHER_COLUMNS } from '@csvjobs/shared/rules';
import { clean } from '../text/text.js';
import { usageError } from '../userError.js';
import type { SpecEdit } from './dialectOptions.js';

export interface ModeFlags {
  onConflict?: (typeof ON_CONFLICT)[number];
  /** `sku` or `order_id,line` */
  key?: string;
  /** `keep` for all columns, `phone=null` for one, which wins. */
  blanks?: readonly string[];
  updateOnly?: boolean;
}

type Block = NonNullable<Spec['csvjobs']>;
type Blanks = (typeof BLANKS)[number];

/**
 * Returns the edits for the flags. An option replaces the same setting in the spec.
 * @throws UserError (exit 2) for an option that cannot be read, or that has no meaning beside another one
 */
export function modeEdits({ onConflict, key, blanks = [], updateOnly }: ModeFlags): SpecEdit[] {
  mustAgree(blanks);
  return [
    ...(onConflict === undefined ? [] : [block({ mode: onConflict })]),
    ...(key === undefined ? [] : [block({ key: columnsOf(key) })]),
    // The word for all columns replaces what the spec says, and leaves the words for single ones.
    ...[...blanks].sort((a, b) => Number(a.includes('=')) - Number(b.includes('='))).map(blanksEdit),
    ...(updateOnly ? [block({ updateOnly: true })] : []),
    ...(key === undefined && !updateOnly ? [] : [needsMode(updateOnly === true)]),
  ];
}

function block(part: Block): SpecEdit {
  return (spec) => ({ ...spec, csvjobs: { ...spec.csvjobs, ...part } });
}

function columnsOf(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.every((name) => name !== '')) return names;
  throw usageError(
    `--key ${JSON.stringify(text)} is not understood`,
    'it takes columns',
    '--key order_id,line',
  );
}

/** Reads a word for all columns, or a column followed by its word. */
function blanksEdit(text: string): SpecEdit {
  const at = text.lastIndexOf('=');
  const column = text.slice(0, Math.max(0, at)).trim();
  const means = text.slice(at + 1).trim() as Blanks;
  if (!BLANKS.includes(means) || (at >= 0 && column === ''))
    throw usageError(
      `--blanks ${JSON.stringify(text)} is not understood`,
      `it takes ${BLANKS.join(', ')}, or a column with one of them`,
      '--blanks phone=null',
    );
  if (at < 0) return block({ blanks: means });
  return (spec) => {
    const { blanks = {} } = spec.csvjobs ?? {};
    const others = typeof blanks === 'string' ? { [OTHER_COLUMNS]: blanks } : blanks;
    return block({ blanks: { ...others, [column]: means } })(spec);
  };
}

/** Refuses two meanings for the empty fields of a column: the last one would silently win. */
function mustAgree(blanks: readonly string[]): void {
  const columns = blanks
    .map((text) => text.slice(0, Math.max(0, text.lastIndexOf('='))).trim())
    .map((column) => (column === OTHER_COLUMNS ? '' : column));
  const at = columns.findIndex((column, index) => columns.indexOf(column) < index);
  const column = columns[at];
  if (column !== undefined)
    throw usageError(
      `--blanks is used twice for ${column === '' ? 'all columns' : clean(column)}`,
      `--blanks ${clean(blanks[columns.indexOf(column)]!)} and --blanks ${clean(blanks[at]!)}`,
      'leave one out',
    );
}

/** Checked here rather than by the daemon, so that the message names the options. */
function needsMode(updateOnly: boolean): SpecEdit {
  return (spec) => {
    const { mode = 'reject', replace } = spec.csvjobs ?? {};
    if (replace) return spec;
    if (updateOnly && mode !== 'update')
      throw usageError(
        '--update-only needs --on-conflict update',
        'it rejects records whose key is not in the table, and updates the others',
        'add --on-conflict update',
      );
    if (mode === 'reject')
      throw usageError(
        '--key needs --on-conflict skip or update',
        'it names the columns by which rows of the table are found',
        'add --on-conflict update',
      );
    return spec;
  };
}
