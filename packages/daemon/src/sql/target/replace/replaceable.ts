/**
 * Checks, when a replacement starts, that its role may read and remove all rows of the table: rights and row security may
 * have changed since the upload, and a row that the role does not see would silently stay.
 */
import { type LoadMode, type Target, writeTableName } from '@csvjobs/shared';
import { Failure } from '../../../failure.js';
import type { Client } from '../../pool.js';
import { tableOf } from '../loadPlan.js';
import { lackedRights } from '../modeRights.js';

/** @throws {Failure} `target_denied`, with the statement that grants what is missing */
export async function assertMayReplace(client: Client, target: Target, mode: LoadMode): Promise<void> {
  const lacked = await lackedRights(client, target, mode);
  if (lacked !== undefined) throw new Failure('target_denied', `${lacked}; then retry the job`);
}

/**
 * Call it after the table is locked: from then on, no other transaction can enable row security.
 * @throws {Failure} `target_denied`
 */
export async function assertSeesAllRows(client: Client, target: Target): Promise<void> {
  const { rows } = await client.query<{ hidden: boolean }>(
    'select row_security_active($1::regclass) as hidden',
    [tableOf(target)],
  );
  if (!rows[0]!.hidden) return;
  throw new Failure(
    'target_denied',
    `row security may hide rows of ${writeTableName(target.table)} from the database role, and they would stay; nothing was changed. Load with a role that bypasses it (alter role … bypassrls), then retry the job`,
  );
}
