/** The privileges that an undo needs on its table. */
import { quoteIdentifier } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';
import type { UndoTarget } from './target.js';

/** @throws {Failure} `undo_refused`, with the statement that grants the missing rights */
export async function mustHaveRights(
  db: Db,
  { table, updated, removed, role }: UndoTarget,
  locks: boolean,
): Promise<void> {
  const wanted = ['DELETE', ...(locks || updated > 0 ? ['UPDATE'] : []), ...(removed > 0 ? ['INSERT'] : [])];
  const { rows } = await db.query<{ missing: string[] }>(
    'select array(select each from unnest($2::text[]) each where not has_table_privilege($1::regclass, each)) as missing',
    [table, wanted],
  );
  const { missing } = rows[0]!;
  if (missing.length === 0) return;
  const grant = `grant ${missing.join(', ').toLowerCase()} on ${table} to ${quoteIdentifier(role)}`;
  throw new Failure(
    'undo_refused',
    `the role ${role} lacks privileges on ${table}; nothing was changed; its owner can grant them: ${grant}`,
  );
}
