/** Options for files that replace their table's content, as edits of a spec. */
import { readMaxErrors } from '@csvjobs/shared/rules';
import { usageError } from '../userError.js';
import type { SpecEdit } from './dialectOptions.js';

export interface ReplaceFlags {
  replace?: boolean;
  /** `10%` or `500` */
  maxRemoved?: string;
}

/** @throws UserError (exit 2) for an option that cannot be read, or that has no meaning beside others */
export function replaceEdits({ replace, maxRemoved }: ReplaceFlags): SpecEdit[] {
  return [
    ...(replace ? [inBlock({ replace: true })] : []),
    ...(maxRemoved === undefined ? [] : [inBlock({ maxRemoved: limitOf(maxRemoved) }), needsReplace]),
  ];
}

function inBlock(part: { replace: true } | { maxRemoved: number | string }): SpecEdit {
  return (spec) => ({ ...spec, csvjobs: { ...spec.csvjobs, ...part } });
}

function limitOf(text: string): number | string {
  if (readMaxErrors(text) === undefined)
    throw usageError(
      `"${text}" is not a limit for --max-removed`,
      "it must be a number of rows, or a percentage of the table's rows (0% to 100%)",
      'examples: --max-removed 500, --max-removed 25%',
    );
  const limit = text.trim();
  return limit.endsWith('%') ? limit : Number(limit);
}

const needsReplace: SpecEdit = (spec) => {
  if (spec.csvjobs?.replace) return spec;
  throw usageError(
    '--max-removed needs --replace',
    'it limits how many rows of the table may be removed',
    'add --replace',
  );
};

/**
 * Checks the other mode options: a replacement updates known rows and inserts new ones. Apply it after the options for
 * known rows.
 */
export const fitsReplace: SpecEdit = (spec) => {
  const { replace, mode, updateOnly } = spec.csvjobs ?? {};
  if (!replace || ((mode === undefined || mode === 'update') && !updateOnly)) return spec;
  const other = updateOnly ? '--update-only' : `--on-conflict ${mode}`;
  throw usageError(
    `--replace and ${other} cannot be used together`,
    'the table gets the content of the file: known rows are updated, new ones inserted, all others removed',
    'leave one out',
  );
};
