/** The gate for a file whose load is planned: its bytes, and the rights that its columns need. */
import type { OfferedFile } from '../../intake/offeredFile.js';
import type { JobInto } from '../../sql/jobTarget.js';
import { lackedByFile } from '../../sql/target/fileRights.js';
import type { AppDeps } from '../deps.js';
import { refuse } from '../problems.js';

/**
 * The job checks the rights again. For customers only the job does, because it decides how they are loaded.
 * @throws {Failure} as the gate does; `table_no_rights`, with the statement that grants what is missing
 */
export async function admitPlanned(
  { admit, pool }: Pick<AppDeps, 'admit' | 'pool'>,
  file: OfferedFile,
  into: JobInto,
): Promise<void> {
  const plan = await admit(file, into);
  if (!into?.target || into.customers || !plan) return;
  const lacked = await lackedByFile(pool, into.target, plan);
  if (lacked !== undefined) throw refuse('table_no_rights', lacked);
}
