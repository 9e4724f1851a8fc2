/** The rights on a table that a load mode needs, whatever the file. */
import {
  hasModeCounts,
  type LoadMode,
  quoteIdentifier,
  quoteTableName,
  type Target,
  writeTableName,
} from '@csvjobs/shared';
import type { Db } from '../pool.js';

/** Returns a sentence with the statement that grants what the database role lacks; undefined if it lacks nothing. */
export async function lackedRights(db: Db, target: Target, mode: LoadMode): Promise<string | undefined> {
  const wanted = wantedRights(mode, target.keys.length > 0);
  if (wanted.length === 0) return undefined;
  const { table } = target;
  const { rows } = await db.query<{ missing: string[]; reads: boolean; role: string }>(
    `select array(select w."right" from jsonb_to_recordset($2) w ("right" text, "some" boolean)
         where not case when w."some" then has_any_column_privilege($1::regclass, w."right")
           when w."right" = 'DELETE' then has_table_privilege($1::regclass, w."right")
           else not exists (select from pg_attribute a where a.attrelid = $1::regclass and not a.attisdropped
             and (a.attnum > 0 or w."right" = 'SELECT' and a.attname = 'xmin')
             and not has_column_privilege(a.attrelid, a.attnum, w."right")) end) as missing,
       not exists (select from pg_attribute a where a.attrelid = $1::regclass and not a.attisdropped
         and a.attnum > 0 and not has_column_privilege(a.attrelid, a.attnum, 'SELECT')) as reads,
       current_user::text as role`,
    [quoteTableName(table), JSON.stringify(wanted)],
  );
  const { missing, reads, role } = rows[0]!;
  if (missing.length === 0) return undefined;
  const rights = missing.join(', ');
  // It may read each column by name, which does not include this one.
  const isHidden = reads && rights === 'SELECT';
  const on = isHidden ? `the system column xmin of ${writeTableName(table)}` : writeTableName(table);
  const grant = `grant ${rights.toLowerCase()}${isHidden ? ' (xmin)' : ''} on ${quoteTableName(table)} to ${quoteIdentifier(role)}`;
  return `the role ${role} lacks ${rights} on ${on}, which ${purpose(mode)} needs; its owner can grant it: ${grant}`;
}

/** `some`: on at least one column; otherwise on the table, or all of its columns. For an undo, SELECT includes xmin. */
function wantedRights(mode: LoadMode, hasKey: boolean): { right: string; some: boolean }[] {
  if (!hasModeCounts(mode)) return [];
  if (mode.replace) {
    // The previous rows are kept; and rows that others may reference are locked.
    const all = ['SELECT', 'DELETE'].map((right) => ({ right, some: false }));
    return hasKey ? [...all, { right: 'UPDATE', some: true }] : all;
  }
  return mode.onConflict === 'update'
    ? [
        { right: 'SELECT', some: false },
        { right: 'UPDATE', some: true },
      ]
    : [{ right: 'SELECT', some: true }];
}

const inMode = (option: string, mode: LoadMode) =>
  `for ${option}: ${wantedRights(mode, true)
    .map(({ right }) => right.toLowerCase())
    .join(', ')}`;

/** What modes need besides the right to insert, for a role that may not load at all, when the mode is not known yet. */
export const FURTHER_RIGHTS = `and ${[
  inMode('--on-conflict skip', { onConflict: 'skip' }),
  inMode('--on-conflict update', { onConflict: 'update' }),
  inMode('--replace', { replace: true }),
].join('; ')}; --update-only needs no insert`;

function purpose({ replace, onConflict }: LoadMode): string {
  if (replace) return 'replacing its content';
  return onConflict === 'update' ? 'updating rows' : 'finding rows';
}
