/**
 * A file that does not fit customers, where no table was named: the table may have been forgotten, so the refusal
 * names the only one that the file fits.
 */
import { listed, type Spec, shellWord, type TableName, withFullStop, writeTableName } from '@csvjobs/shared';
import type { Caller } from '../../access/access.js';
import { Failure } from '../../failure.js';
import type { OfferedFile } from '../../intake/offeredFile.js';
import { jobTarget } from '../../sql/jobTarget.js';
import { readTargetSoon } from '../../sql/target/catalog.js';
import { listTables } from '../../sql/target/tables.js';
import type { AppDeps } from '../deps.js';

/** Tables that a file is compared with; each takes about 10 ms. */
const MOST_TABLES = 50;

/** Tables that a message names. */
const MOST_NAMED = 3;

/** Refusals of a file for its header, without a spec and with one. */
const DOES_NOT_FIT = ['header_invalid', 'spec_mismatch', 'key_unusable'];

/** A file for which no table was named. */
export interface Unnamed {
  file: OfferedFile;
  spec: Spec | undefined;
}

/**
 * Returns the refusal of a file, with the table that it fits. Names no table that the caller may not load into.
 * @param error why the file was refused
 */
export async function withFittingTable(
  deps: Pick<AppDeps, 'admit' | 'pool' | 'tables'>,
  caller: Pick<Caller, 'tables'>,
  offered: Unnamed,
  error: unknown,
): Promise<unknown> {
  if (!(error instanceof Failure) || !DOES_NOT_FIT.includes(error.code)) return error;
  const fitting = await fittingTables(deps, caller, offered);
  const [table, another] = fitting;
  if (table === undefined) return error;
  const which =
    another === undefined ? `add --into ${shellWord(table)}` : 'name the one that you mean with --into';
  const message = `${withFullStop(error.message)} The file fits ${listed(fitting)}: ${which}.`;
  return new Failure(error.code, message, {
    cause: error,
    options: another === undefined ? ['--into', table] : error.options,
  });
}

/** Returns the first tables that take each field of the file, without an assumption. */
async function fittingTables(
  { admit, pool, tables }: Pick<AppDeps, 'admit' | 'pool' | 'tables'>,
  caller: Pick<Caller, 'tables'>,
  { file, spec }: Unnamed,
): Promise<string[]> {
  const allows = (table: TableName) => tables.refusal(caller, table) === undefined;
  const strict = { ...file, overrides: { ...file.overrides, strict: true } };
  const { tables: all } = await listTables(pool, { limit: MOST_TABLES, allows });
  const fitting: string[] = [];
  for (const { schema, name } of all) {
    const plan = await readTargetSoon(pool, { schema, name })
      .then((target) => target && admit(strict, jobTarget(target, spec)))
      .catch(() => undefined);
    if (plan) fitting.push(writeTableName({ schema, name }));
    if (fitting.length === MOST_NAMED) break;
  }
  return fitting;
}
