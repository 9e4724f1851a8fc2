import type { TableName } from '@csvjobs/shared';
import type { Caller } from '../access/access.js';
import type { TableAccess } from '../access/tables.js';
import { refuse } from './problems.js';

/** @throws {Failure} `table_not_allowed` if the caller may not load into the table */
export function assertAllowed(access: TableAccess, caller: Pick<Caller, 'tables'>, table: TableName): void {
  const refusal = access.refusal(caller, table);
  if (refusal !== undefined) throw refuse('table_not_allowed', refusal);
}
