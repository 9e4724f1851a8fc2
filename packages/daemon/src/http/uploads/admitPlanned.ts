/** The gate for a file whose load is planned: its bytes, and the rights that its columns need. */
import type { Caller } from '../../access/access.js';
import type { OfferedFile } from '../../intake/offeredFile.js';
import { lackedByFile } from '../../sql/target/fileRights.js';
import type { AppDeps } from '../deps.js';
import { refuse } from '../problems.js';
import { withFittingTable } from './fittingTable.js';
import type { Planned } from './planned.js';

/**
 * The job checks the rights again. For customers only the job does, because it decides how they are loaded.
 * @throws {Failure} as the gate does; `table_no_rights`, with the statement that grants what is missing
 */
export async function admitPlanned(
  deps: Pick<AppDeps, 'admit' | 'pool' | 'tables'>,
  caller: Pick<Caller, 'tables'>,
  received: Omit<OfferedFile, 'overrides'>,
  { target: into, named, overrides }: Pick<Planned, 'target' | 'named' | 'overrides'>,
): Promise<void> {
  const { head, tail, sizeBytes } = received;
  const file = { head, tail, sizeBytes, overrides };
  const plan = await deps.admit(file, into).catch(async (error: unknown) => {
    throw named ? error : await withFittingTable(deps, caller, { file, spec: into?.spec }, error);
  });
  if (!into?.target || into.customers || !plan) return;
  const lacked = await lackedByFile(deps.pool, into.target, plan);
  if (lacked !== undefined) throw refuse('table_no_rights', lacked);
}
