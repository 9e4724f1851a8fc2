/**
 * Confirmation before replacing a table's content: on a terminal the user types its name, elsewhere --yes is required.
 */
import type { Job, Spec } from '@csvjobs/shared';
import { CUSTOMERS } from '@csvjobs/shared/paths';
import { answered, canAsk } from '../ask.js';
import type { SpecFlags } from '../config/specOptions.js';
import type { Context } from '../context.js';
import { clean } from '../text/text.js';
import { type UserError, usageError } from '../userError.js';
import { commandWith } from './tableHints.js';

/** A file that replaces the content of a table. */
export interface Replaced {
  file: string;
  table: string;
}

/** Returns the files that replace a table; a dry run changes nothing. */
export function replacedBy(
  sources: readonly { file: string }[],
  tables: readonly (string | undefined)[],
  specs: readonly (Spec | undefined)[],
): Replaced[] {
  return sources.flatMap(({ file }, at) => {
    const { replace, dryRun } = specs[at]?.csvjobs ?? {};
    return replace && !dryRun ? [{ file, table: tables[at] ?? CUSTOMERS }] : [];
  });
}

/** @throws UserError (exit 2) without confirmation, or if two files are for the same table */
export async function confirmReplaced(
  context: Context,
  replaced: readonly Replaced[],
  { yes = false }: { yes?: boolean },
): Promise<void> {
  const twice = replaced.find(({ table }, at) =>
    replaced.some((other, first) => first < at && other.table === table),
  );
  if (twice)
    throw usageError(
      `Several files cannot each replace ${clean(twice.table)}`,
      'only the last one would be left',
      'upload one file with --replace, and the others with --on-conflict update',
    );
  const [first] = replaced;
  if (!first || yes) return;
  if (!canAsk(context)) throw unconfirmed(first.table, commandWith(context.words, first.file, ['--yes']));
  for (const { file, table } of replaced) await confirm(context, table, clean(file));
}

/** @throws UserError (exit 2) if the user types another name, or none */
async function confirm(context: Context, table: string, what: string): Promise<void> {
  const shown = clean(table);
  const typed = await answered(
    context,
    `Rows of ${shown} that are not in ${what} will be removed. Type the name of the table to replace its content: `,
  );
  if (typed === table || typed === shown) return;
  throw usageError(
    'Nothing was replaced',
    typed === '' ? 'no name was typed' : `${JSON.stringify(clean(typed))} is not ${shown}`,
    `type ${shown}, or first see which rows would be removed: --dry-run`,
  );
}

/** Confirms loading the file of a dry run. @throws UserError (exit 2) */
export async function confirmLoad(
  context: Context,
  { id, filename, table = CUSTOMERS, mode }: Pick<Job, 'id' | 'filename' | 'table' | 'mode'>,
  { yes = false }: { yes?: boolean },
): Promise<void> {
  if (!mode?.replace || yes) return;
  if (canAsk(context)) return confirm(context, table, clean(filename));
  throw unconfirmed(table, commandWith(context.words, id, ['--yes']));
}

function unconfirmed(table: string, next: string): UserError {
  return usageError(
    `Replacing the content of ${clean(table)} needs a confirmation`,
    'there is no terminal to ask on',
    next,
  );
}

/** Refuses --replace for fixed records, which are added to the existing rows. @throws UserError (exit 2) */
export function mustNotReplace({ replace }: SpecFlags): void {
  if (!replace) return;
  throw usageError(
    '--fixes and --replace cannot be used together',
    'fixed rows of a job are added to the other rows of its table',
    'leave --replace out',
  );
}

/**
 * Prints that the fixed records of a replacement are added to its rows: the job itself removed the rows that its file
 * lacks.
 */
export function sayThatNoneGo(
  { err, quiet, json }: Context,
  { mode, table = CUSTOMERS }: Job,
  { onConflict = mode?.onConflict ?? 'reject' }: SpecFlags,
): void {
  if (!mode?.replace || quiet || json) return;
  err.line(`fixed rows are added to ${clean(table)}, and none are removed; ${KNOWN_KEYS[onConflict]}`);
}

const KNOWN_KEYS = {
  reject: 'a key that the table has is rejected',
  skip: 'known keys are skipped',
  update: 'known keys are updated',
};
