/** Measures the rows of a table as text, for responses that read rows in parts of limited size. */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';

/** Maximum number of rows in a part. */
const PART_ROWS = 1_000;
/** Bytes of a part, plus its last row. */
export const PART_BYTES = 512 * 1024;
/** Rows of the first part, until the size of the rows is known. */
export const FIRST_ROWS = 200;

/** Estimated bytes of a value of fixed size: no timestamp, float or uuid is longer as text. */
const FIXED_BYTES = 64;

/**
 * SQL for the bytes of a row `t` of this table in PostgreSQL's text output. The stored size says nothing about that:
 * 900 KB of text may be compressed to 10 KB, and a numeric of ten bytes may have 131,072 digits. PostgreSQL knows the
 * length of text and bytea without reading the value; it reads all other values of variable size.
 */
export async function textBytes(db: Db, relation: number): Promise<string> {
  const { rows } = await db.query<{ name: string; length: number; type: string }>(
    `select attname::text as name, attlen as length, atttypid::regtype::text as type
     from pg_attribute where attrelid = $1::oid and attnum > 0 and not attisdropped order by attnum`,
    [relation],
  );
  return ['0', ...rows.map(sizeOf)].join(' + ');
}

function sizeOf({ name, length, type }: { name: string; length: number; type: string }): string {
  if (length > 0) return String(FIXED_BYTES);
  const value = `t.${quoteIdentifier(name)}`;
  return `coalesce(${type === 'bytea' ? `2 * octet_length(${value})` : `octet_length(${value}::text)`}, 0)::bigint`;
}

/** Rows to read for the next part. Rows beyond its end are read for their size only, and again for the next part. */
export const rowsAfter = (found: number): number => Math.max(1, Math.min(PART_ROWS, 2 * found));
