/** Reads the target of a load from the catalog, with all its rules, by name. */
import { createHash } from 'node:crypto';
import { type TableName, type Target, targetSchema, writeTableName } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import { runKept } from '../kept.js';
import { isLocked, withinPatience } from '../patience.js';
import type { Db, Pool } from '../pool.js';
import { TARGET_QUERY } from './catalogQuery.js';
import { nested, type ReadType } from './parts.js';
import { withRefusedNulls } from './unfilledDomains.js';

type WithoutHashes = Omit<Target, 'fingerprint' | 'definitions'>;
type ReadTarget = WithoutHashes & { columns: { type: ReadType }[] };

/**
 * Reads a table with everything that affects its rows, as the role of `db` sees it. Returns undefined if there is no
 * such table, or the role may not use its schema.
 */
export async function readTarget(db: Db, table: TableName): Promise<Target | undefined> {
  const read = await readOnce(db, table);
  if (read === undefined || read.success) return read?.data;
  // PostgreSQL's functions return NULL for what another transaction has dropped since the statement began; the next statement
  // does not see it at all.
  const again = await readOnce(db, table);
  if (again && !again.success) throw again.error;
  return again?.data;
}

async function readOnce(db: Db, { schema, name }: TableName) {
  const [row] = await runKept<{ target: ReadTarget; definitions: string[] }>(db, TARGET_QUERY, [
    schema,
    name,
  ]);
  if (!row) return undefined;
  const { target: read, definitions } = row;
  const target = {
    ...read,
    columns: read.columns.map((column) => ({ ...column, type: nested(column.type) })),
  };
  const parts = target.columns.map(({ type }) => [
    type.attributes,
    type.item,
    ...(type.bound ? [type.bound] : []),
  ]);
  const all = [definitions, parts];
  return targetSchema.safeParse({ ...target, fingerprint: fingerprintOf(target), definitions: hash(all) });
}

/**
 * Like `readTarget`, for callers that wait for an answer. PostgreSQL cannot read the expressions of a table while it
 * is locked in ACCESS EXCLUSIVE mode, as by a long ALTER TABLE or VACUUM FULL.
 * @throws {Failure} `unavailable` if another transaction has locked the table
 */
export async function readTargetSoon(pool: Pool, table: TableName): Promise<Target | undefined> {
  try {
    return await withinPatience(pool, async (db) => {
      const target = await readTarget(db, table);
      return target && (await withRefusedNulls(db, target));
    });
  } catch (error) {
    if (!isLocked(error)) throw error;
    const name = writeTableName(table);
    throw new Failure(
      'unavailable',
      `another transaction has locked the table ${name} (for example by ALTER TABLE or VACUUM FULL), so it cannot be read; nothing was changed, try again when it is done`,
    );
  }
}

/**
 * Leaves out the role's rights: each attempt checks them again, and they say nothing about the rows. Also leaves out what
 * other properties of a type, a constraint or an index determine, so that daemons of different versions agree.
 */
function fingerprintOf({
  columns,
  rowSecurity: _,
  missingRights: _lacked,
  deniedColumns: _denied,
  ...rest
}: WithoutHashes): string {
  const rules = {
    ...rest,
    keys: rest.keys.map(({ partColumns: _of, ...key }) => key),
    foreignKeys: rest.foreignKeys.map(({ period: _is, ...key }) => key),
    columns: columns.map(({ insertable: _may, comment: _said, ...column }) => ({
      ...column,
      type: {
        ...column.type,
        attributes: undefined,
        item: undefined,
        bound: undefined,
        extension: undefined,
      },
    })),
  };
  return hash(rules);
}

function hash(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

/**
 * Returns whether a table is the same in everything that may change the result of a load, so that the result of a dry run
 * still holds. Jobs of earlier versions have no `definitions`.
 */
export function hasSameRules(one: Target, other: Target): boolean {
  const comparable = one.definitions !== undefined && other.definitions !== undefined;
  return one.fingerprint === other.fingerprint && (!comparable || one.definitions === other.definitions);
}
