/** Refuses an upload whose load mode needs rights on the table that the database role does not have. */
import type { LoadMode, Target } from '@csvjobs/shared';
import type { Db } from '../../sql/pool.js';
import { lackedRights } from '../../sql/target/modeRights.js';
import { refuse } from '../problems.js';

/**
 * Only the header says which columns the file has: see admitPlanned.ts for their rights.
 * @throws {Failure} `table_no_rights`, with the statement that grants what is missing
 */
export async function mustHaveRights(db: Db, target: Target, mode: LoadMode): Promise<void> {
  const lacked = await lackedRights(db, target, mode);
  if (lacked !== undefined) throw refuse('table_no_rights', lacked);
}
