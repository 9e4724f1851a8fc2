/** The keys of the records loaded so far, used to find the rows of the table whose key no record has. */
import type { Client } from '../../pool.js';
import { doBlock } from '../doBlock.js';
import { stagedRows, type UpsertPlan } from '../upsert/statements.js';

const FILE_KEYS = 'pg_temp.csvjobs_file_keys';

const keyColumns = ({ conflict: { key } }: UpsertPlan) => key.parts.map((_, at) => `csvjobs$k${at}`);

/**
 * Adds the keys of the staged rows, after these were applied.
 * @param refused the rows that were not applied
 */
export async function noteKeys(
  client: Client,
  plan: UpsertPlan,
  refused: readonly { row: number }[],
): Promise<void> {
  const keys = `select ${keyColumns(plan)
    .map((name) => `s.${name}`)
    .join(', ')} from ${stagedRows(plan)} s`;
  await client.query(
    doBlock(`begin if to_regclass('${FILE_KEYS}') is null then
       create temporary table csvjobs_file_keys on commit drop as ${keys} with no data; end if; end`),
  );
  await client.query(`insert into ${FILE_KEYS} ${keys} where s.csvjobs$row <> all($1::bigint[])`, [
    refused.map(({ row }) => row),
  ]);
}

/** Removes all keys, because their records are still to be loaded. */
export async function forgetKeys(client: Client): Promise<void> {
  await client.query(
    doBlock(`begin if to_regclass('${FILE_KEYS}') is not null then truncate ${FILE_KEYS}; end if; end`),
  );
}

/** Returns a condition on a row `t` of the table: no record has its key. */
export async function isNotInFile(client: Client, plan: UpsertPlan): Promise<string> {
  const { rows } = await client.query<{ is: boolean }>(
    `select to_regclass('${FILE_KEYS}') is not null as is`,
  );
  // No record of the file was loaded.
  if (!rows[0]!.is) return 'true';
  await client.query(`analyze ${FILE_KEYS}`);
  const { key } = plan.conflict;
  const same = (how: string) =>
    key.parts.map(({ expression }, at) => `(${expression}) ${how} f.csvjobs$k${at}`).join(' and ');
  const none = `not exists (select from ${FILE_KEYS} f where ${same('=')})`;
  if (!key.nullsNotDistinct) return none;
  // Neither a hash join nor a merge join finds equal NULLs, so only rows with a NULL are compared in this way.
  const someNull = (values: readonly string[]) =>
    `(${values.map((value) => `${value} is null`).join(' or ')})`;
  const ofFile = keyColumns(plan).map((name) => `f.${name}`);
  return `${none} and (not ${someNull(key.parts.map(({ expression }) => `(${expression})`))}
    or not exists (select from ${FILE_KEYS} f where ${someNull(ofFile)} and ${same('is not distinct from')}))`;
}
