/**
 * Names of tables as people write them. PostgreSQL's rule (manual, section 4.1.1): a name in double quotes is taken
 * literally, any other is folded to lower case. Here an unquoted name is first tried literally, because people copy
 * mixed-case names from tools that do not show the quotes.
 */
import type { TableName } from './target.js';

/** A name as written: the schema if given, and whether each part was quoted. */
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

/** Writes a table's name for people, quoted only where needed; `readTableName` reads it back. Not for SQL. */
export function writeTableName({ schema, name }: TableName): string {
  return `${quoteIfNeeded(schema)}.${quoteIfNeeded(name)}`;
}

/** Reads a table's name as `writeTableName` writes it. Returns undefined for any other text. */
export function readWrittenTable(text: string): TableName | undefined {
  const written = readTableName(text);
  return written?.schema && { schema: written.schema.text, name: written.name.text };
}

/** Whether two texts are the same table name, even if written differently. */
export function isSameName(one: string, other: string): boolean {
  const [a, b] = [readTableName(one), readTableName(other)];
  return a !== undefined && b !== undefined && JSON.stringify(a) === JSON.stringify(b);
}

/**
 * Whether a name as people write it may mean a table: the schema may be missing, and the case may differ if it is not
 * quoted.
 */
export function mayMean(text: string, { schema, name }: TableName): boolean {
  const written = readTableName(text);
  const isPart = ({ text: part, quoted }: WrittenPart, known: string) =>
    part === known || (!quoted && part.toLowerCase() === known);
  if (!written || !isPart(written.name, name)) return false;
  return written.schema === undefined || isPart(written.schema, schema);
}

/** Quotes both parts for a statement: `"sales"."orders"`. */
export function quoteTableName({ schema, name }: TableName): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

/** Quotes a name for people, if PostgreSQL would read it as another name without quotes. */
export function quoteIfNeeded(part: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(part) ? part : quoteIdentifier(part);
}

/**
 * Puts an identifier in double quotes, and doubles those inside it: the only way for a name from outside to become part
 * of a statement.
 * @throws {TypeError} for a NUL, which no identifier can contain
 */
export function quoteIdentifier(name: string): string {
  if (name.includes('\0')) throw new TypeError('an identifier cannot contain NUL');
  return `"${name.replaceAll('"', '""')}"`;
}
