/** Names as PostgreSQL stores them, and as they appear in statements that people read. */
import { quoteIdentifier } from './tableName.js';

/** PostgreSQL manual, section 4.1.1 (NAMEDATALEN - 1): PostgreSQL truncates longer names. */
export const NAME_BYTES = 63;

/** Columns that every table has already (manual, section 5.6): no other column has these names. */
export const SYSTEM_COLUMNS: ReadonlySet<string> = new Set('tableoid cmax xmax cmin xmin ctid'.split(' '));

/**
 * Keywords of PostgreSQL 18 that must be quoted in some uses: all of pg_get_keywords() except catcode U, as in
 * quote_ident(). A test compares them with a real server.
 */
export const KEYWORDS: ReadonlySet<string> = new Set(
  `all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast
  char character check coalesce collate collation column concurrently constraint create cross current_catalog
  current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable
  desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group
  grouping having ilike in initially inner inout int integer intersect interval into is isnull join json json_array
  json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value
  lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none normalize
  not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision
  primary real references returning right row select session_user setof similar smallint some substring symmetric
  system_user table tablesample then time timestamp to trailing treat trim true union unique user using values varchar
  variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse
  xmlpi xmlroot xmlserialize xmltable`.split(/\s+/),
);

/**
 * Writes an identifier for a statement that people read: quoted only where necessary, as quote_ident() does.
 * @throws {TypeError} for a NUL, which no identifier can contain
 */
export function writeIdentifier(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) && !KEYWORDS.has(name) ? name : quoteIdentifier(name);
}

/** Length of a text in UTF-8, in bytes. */
export function utf8Length(text: string): number {
  let length = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    length += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return length;
}

/** Whether PostgreSQL stores a name unchanged: not empty, no NUL, no lone surrogate, and not truncated. */
export function isIdentifier(name: string): boolean {
  return name !== '' && !/[\0\p{Cs}]/u.test(name) && utf8Length(name) <= NAME_BYTES;
}
