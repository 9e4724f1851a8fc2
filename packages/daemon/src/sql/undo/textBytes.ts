/** Measures the rows of a table as text. Answers with rows are read in parts of limited size. */
import { quoteIdentifier } from '@csvjobs/shared';
import type { Db } from '../pool.js';

/** Rows of a part, however short. */
const PART_ROWS = 1_000;
/** Bytes of a part, plus its last row. */
export const PART_BYTES = 512 * 1024;
/** Rows of the first part, until the size of the rows is known. */
export const FIRST_ROWS = 200;

/** Of a value of a fixed size: no timestamp, float or uuid is longer as text. */
const FIXED_BYTES = 64;

/**
 * Bytes of a row `t` of this table as PostgreSQL writes its values, as SQL. What is stored says nothing about that: 900 KB of text
 * may be compressed to 10 KB, and a numeric of ten bytes have 131,072 digits. Of text and bytea PostgreSQL knows the length
 * without reading it; all other values of no fixed size are read.
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

/** Rows to look at for the next part: those beyond its end are read for their size alone, and again for the part after it. */
export const rowsAfter = (found: number): number => Math.max(1, Math.min(PART_ROWS, 2 * found));
