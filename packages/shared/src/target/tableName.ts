/**
 * Names of tables as people write them. PostgreSQL's rule (manual, section 4.1.1): a name in double quotes is taken as it
 * is, any other is folded to lower case. Here an unquoted name is tried as it stands first, because people copy
 * mixed-case names out of tools that do not show the quotes.
 */
import type { TableName } from './target.js';

/** A name as written: the schema where one was given, and whether each part was quoted. */
export interface WrittenName {
  schema: WrittenPart | undefined;
  name: WrittenPart;
}

export interface WrittenPart {
  text: string;
  quoted: boolean;
}

const PART = /"((?:[^"]|"")*)"|([^".]+)/y;

/**
 * Reads `orders`, `sales.orders` or `"Sales"."Order ""Lines"""`.
 * Returns undefined for anything else: an empty part, a third part, a lone quote, a NUL.
 */
export function readTableName(text: string): WrittenName | undefined {
  if (text.includes('\0')) return undefined;
  const parts: WrittenPart[] = [];
  for (let at = 0; ; at++) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    if (!match) return undefined;
    const [whole, quoted, plain] = match;
    const part = quoted === undefined ? plain!.trim() : quoted.replaceAll('""', '"');
    if (part === '') return undefined;
    parts.push({ text: part, quoted: quoted !== undefined });
    at += whole.length;
    if (at === text.length) break;
    if (text[at] !== '.' || parts.length === 2) return undefined;
  }
  const name = parts.pop()!;
  return { schema: parts[0], name };
}

/** A table's name for people, as `readTableName` takes it back: in quotes only where they are needed. Not for SQL. */
export function writeTableName({ schema, name }: TableName): string {
  return `${quoteIfNeeded(schema)}.${quoteIfNeeded(name)}`;
}

/** A table by its name as `writeTableName` writes it; undefined for any other text. */
export function readWrittenTable(text: string): TableName | undefined {
  const written = readTableName(text);
  return written?.schema && { schema: written.schema.text, name: written.name.text };
}

/** Whether two texts are one name of a table, written alike or not. */
export function isSameName(one: string, other: string): boolean {
  const [a, b] = [readTableName(one), readTableName(other)];
  return a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

/** Whether a name as people write it may mean a table: its schema may be left out, and case where it is not quoted. */
export function mayMean(text: string, { schema, name }: TableName): boolean {
  const written = readTableName(text);
  const isPart = ({ text: part, quoted }: WrittenPart, known: string) =>
    part === known || (!quoted && part.toLowerCase() === known);
  if (!written || !isPart(written.name, name)) return false;
  return written.schema === undefined || isPart(written.schema, schema);
}

/** Both parts quoted, for a statement: `"sales"."orders"`. */
export function quoteTableName({ schema, name }: TableName): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** A name as people write it: in quotes where PostgreSQL would read another one without them. */
export function quoteIfNeeded(part: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(part) ? part : quoteIdentifier(part);
}

/**
 * An identifier in double quotes, with those inside it doubled: the only way in which a name from outside becomes part
 * of a statement.
 * @throws {TypeError} for a NUL, which no identifier has
 */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) throw new TypeError('an identifier cannot contain NUL');
  return `"${name.replaceAll('"', '""')}"`;
}
