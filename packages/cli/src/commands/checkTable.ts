/** The table to check a file against: from a daemon, or from a saved answer of a daemon. */
import { readFile } from 'node:fs/promises';
import type { Target } from '@csvjobs/shared';
import { CUSTOMERS } from '@csvjobs/shared/paths';
import { isSameName, mayMean, writeTableName } from '@csvjobs/shared/rules';
import { type Destination, tableOf } from '../config/destinations.js';
import type { Context } from '../context.js';
import { EXIT } from '../exitCodes.js';
import { clean, shellQuote } from '../text/text.js';
import { asUserError, UserError } from '../userError.js';
import { withCommands } from './tableHints.js';

export interface CheckedTable {
  name: string;
  /** As JSON, for the checking program. */
  document: string;
}

type TableFor = (destination: Destination, file: string) => Promise<CheckedTable | undefined>;

/**
 * Finds the table of each file; undefined for the standard customers table, whose rules are built in. Fetches each
 * table once, and asks the daemon for nothing but tables.
 * @param tableFile the path of a table file, which overrides the project file
 * @throws UserError (exit 2) for an unusable table file; errors of `tableFor` concern one file
 */
export async function tableLookup(context: Context, tableFile: string | undefined): Promise<TableFor> {
  if (tableFile !== undefined) {
    const target = await readTableFile(tableFile);
    return async (destination) => {
      const named = destination.spec?.spec?.csvjobs?.into;
      const name = writeTableName(target.table);
      if (named !== undefined && !mayMean(named, target.table)) throw otherTable(name, named);
      return checkedTable(target);
    };
  }
  const asked = new Map<string, Promise<Target>>();
  let customers: Promise<CheckedTable | undefined> | undefined;
  return async (destination, file) => {
    const text = tableOf(destination);
    if (text === undefined) return undefined;
    const named = destination.spec?.spec?.csvjobs?.into;
    if (isSameName(text, CUSTOMERS)) {
      if (named !== undefined && !isSameName(text, named)) throw otherTable(text, named);
      customers ??= askForCustomers(context);
      return await customers;
    }
    const target = asked.get(text) ?? askFor(context, text, file);
    asked.set(text, target);
    if (named !== undefined && !mayMean(named, (await target).table)) throw otherTable(text, named);
    return checkedTable(await target);
  };
}

async function checkedTable(target: Target): Promise<CheckedTable | undefined> {
  const { furtherColumns, isCustomers } = await import('@csvjobs/shared');
  const isBuiltIn = isCustomers(target) && furtherColumns(target).length === 0;
  if (isBuiltIn) return undefined;
  const name = isCustomers(target) ? CUSTOMERS : writeTableName(target.table);
  return { name, document: JSON.stringify(target) };
}

/**
 * customers may have extra columns added by its owner, which a daemon knows. If no daemon answers, the built-in columns
 * apply.
 */
async function askForCustomers(context: Context): Promise<CheckedTable | undefined> {
  try {
    return await checkedTable(await (await context.client()).table(CUSTOMERS));
  } catch (error) {
    if (context.signal.aborted) throw error;
    return undefined;
  }
}

async function askFor(context: Context, text: string, file: string): Promise<Target> {
  const { assertTableName } = await import('./tableName.js');
  assertTableName(text);
  try {
    return await (await context.client()).table(text);
  } catch (error) {
    if (context.signal.aborted) throw error;
    throw withoutDaemon(withCommands(asUserError(error), { file }, text), text);
  }
}

/** The same error, with a next step that needs no daemon. */
function withoutDaemon(error: UserError, table: string): UserError {
  const { code, exitCode, message: what, why, next, cause } = error;
  if (exitCode !== EXIT.unreachable) return error;
  const way = `without a daemon: run csvjobs describe ${shellQuote(table)} --json > table.json where one is reachable, then use --table-file table.json instead of --into`;
  return new UserError({
    code,
    exitCode,
    what,
    why,
    next: next === undefined ? way : `${next}; or ${way}`,
    cause,
  });
}

async function readTableFile(path: string): Promise<Target> {
  const { targetSchema } = await import('@csvjobs/shared');
  const text = await readFile(path, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw unusable(path, WHY[cause.code ?? ''] ?? cause.message, path, cause);
  });
  // Do not suggest overwriting an existing file.
  const other = 'table.json';
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unusable(path, 'it is not JSON', other, cause);
  }
  const { success, data, error } = targetSchema.safeParse(json);
  if (success) return data;
  const place = error.issues[0]?.path.join('.') ?? '';
  const where = place === '' ? '' : ` (${place})`;
  throw unusable(
    path,
    `it is JSON, but not what csvjobs describe <table> --json prints in this version${where}`,
    other,
    error,
  );
}

const WHY: Record<string, string> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'this user may not read it',
};

function unusable(path: string, why: string, output: string, cause: unknown): UserError {
  return new UserError({
    code: 'usage',
    exitCode: EXIT.usage,
    what: `The table file ${clean(path)} cannot be used`,
    why,
    next: `csvjobs describe <table> --json > ${shellQuote(output)}, then --table-file ${shellQuote(output)}`,
    cause,
  });
}

function otherTable(table: string, named: string): UserError {
  return new UserError({
    code: 'spec_invalid',
    exitCode: EXIT.usage,
    what: 'The spec is for another table',
    why: `the file is for ${clean(table)}, but csvjobs.into of the spec says ${clean(named)}`,
    next: 'leave csvjobs.into out of the spec, or name the same table with --into or --table-file',
  });
}
