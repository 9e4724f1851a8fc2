/**
 * The stage: a temporary table with the file's columns, of the types of the target's columns without their domains, and no
 * constraint at all. It lasts for a transaction, so nothing of it is left on a pooled connection.
 */
import { quoteIdentifier } from '@csvjobs/shared';
import { copyIn } from '../copy.js';
import type { Client } from '../pool.js';
import { columnList, type LoadPlan, ROW_NUMBER } from './loadPlan.js';

/** In pg_temp, whatever the search_path: a table of this name in another schema is never meant. */
export const STAGE = 'pg_temp.csvjobs_stage';

/** Makes the stage, inside a transaction. */
export async function createStage(client: Client, { columns }: LoadPlan): Promise<void> {
  const types = columns.map(
    ({ name, type, collation }) =>
      `${quoteIdentifier(name)} ${type.base}${collation === null ? '' : ` collate ${collation}`}`,
  );
  await client.query(
    `create temporary table csvjobs_stage (
      ${[`${ROW_NUMBER} bigint generated always as identity`, ...types].join(', ')}) on commit drop`,
  );
}

/** Copies rows onto the stage: binary, the columns of the plan. They are numbered from 1, in the order given. */
export async function fillStage(client: Client, { columns }: LoadPlan, rows: Uint8Array): Promise<void> {
  await copyIn(client, `copy ${STAGE} (${columnList(columns)}) from stdin (format binary)`, rows);
}
