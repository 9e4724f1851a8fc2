/**
 * Patterns of tables, as used in `TARGET_TABLES` and tokens: `public.*`, `sales.orders`, `shop_*.*`, `"Mixed"."Case"`.
 * Names are folded as PostgreSQL folds identifiers (manual, section 4.1.1): to lower case outside double quotes, not at
 * all inside. A star stands for any characters, but only outside quotes.
 */
import { quoteIfNeeded, writeTableName } from './tableName.js';
import type { TableName } from './target.js';

/** The texts between the stars of a name; a single text if there is no star. */
type NamePattern = readonly string[];

export interface TablePattern {
  schema: NamePattern;
  name: NamePattern;
}

/** `message` names the pattern, what is wrong with it, and how to write it. */
export class TablePatternInvalid extends Error {
  override readonly name = 'TablePatternInvalid';
}

/** Outside quotes: PostgreSQL's letters (including any beyond ASCII), digits, `_`, `$`, and our star. */
const PART = /"((?:[^"]|"")*)"|([A-Za-z_*\u0080-\uffff][\w$*\u0080-\uffff]*)/y;

/** Each additional star multiplies the ways in which a name can match. */
const MOST_STARS = 3;

/**
 * Reads patterns separated by commas; ignores blanks around them.
 * @throws {TablePatternInvalid} for the first invalid pattern, and if there are no patterns
 */
export function parseTablePatterns(list: string): TablePattern[] {
  // A comma in quotes is part of a name.
  const texts = list.match(/(?:"[^"]*"|[^,"]|")+/g)?.map((text) => text.trim()) ?? [];
  const patterns = texts.filter((text) => text !== '').map(parseTablePattern);
  if (patterns.length === 0)
    throw new TablePatternInvalid('there is no pattern; write schema.table, as in public.*');
  return patterns;
}

/** Reads one pattern. @throws {TablePatternInvalid} */
export function parseTablePattern(text: string): TablePattern {
  const parts: NamePattern[] = [];
  const wrong = (why: string) => new TablePatternInvalid(`${JSON.stringify(text)} ${why}`);
  if (text.includes('\0')) throw wrong('has a NUL, which no name has');
  for (let at = 0; at <= text.length; at++) {
    PART.lastIndex = at;
    const match = PART.exec(text);
    if (!match) throw wrong(faultAt(text, at));
    const [whole, quoted, plain] = match;
    if (quoted === '') throw wrong('has an empty name');
    if ((plain?.match(/\*+/g)?.length ?? 0) > MOST_STARS)
      throw wrong(`has more than ${MOST_STARS} stars in a name`);
    parts.push(quoted === undefined ? foldCase(plain!).split(/\*+/) : [quoted.replaceAll('""', '"')]);
    at += whole.length;
    if (at < text.length && text[at] !== '.') throw wrong(faultAt(text, at));
  }
  const [schema, name, third] = parts;
  if (third) throw wrong('has more than two parts; write schema.table');
  if (!schema || !name) throw wrong(`names no schema; write schema.table, as in public.${text}`);
  return { schema, name };
}

function faultAt(text: string, at: number): string {
  if (at >= text.length || text[at] === '.') return 'has an empty name; write schema.table';
  if (text[at] === '"') return 'has a quote that is not closed, or stands inside of a name';
  const character = JSON.stringify(String.fromCodePoint(text.codePointAt(at)!));
  return `has ${character} in a name; put such a name in double quotes`;
}

/** PostgreSQL folds only ASCII letters in a UTF-8 database. */
function foldCase(name: string): string {
  return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** Writes a pattern so that `parseTablePattern` can read it back: in the same form, no matter how it was written. */
export function writeTablePattern({ schema, name }: TablePattern): string {
  return `${writePart(schema)}.${writePart(name)}`;
}

function writePart(part: NamePattern): string {
  return part.length === 1 ? quoteIfNeeded(part[0]!) : part.join('*');
}

/** Whether any of the patterns matches a table. */
export function matchesTable(patterns: readonly TablePattern[], table: TableName): boolean {
  return new RegExp(tableRegex(patterns)).test(writeTableName(table));
}

/**
 * Returns a regular expression that matches a table's name, as `writeTableName` writes it, if one of the patterns
 * matches the table. It means the same in JavaScript and in PostgreSQL, so that a statement can test many jobs at once.
 */
export function tableRegex(patterns: readonly TablePattern[]): string {
  const each = patterns.map(({ schema, name }) => `${partRegex(schema)}\\.${partRegex(name)}`);
  return `^(${each.join('|')})$`;
}

/** A name is written with or without quotes; inside quotes a quote is doubled. */
function partRegex(part: NamePattern): string {
  if (part.length === 1) return escaped(quoteIfNeeded(part[0]!));
  const plain = part.map(escaped).join('[a-z0-9_]*');
  const quoted = part.map(escaped).join('([^"]|"")*');
  return `(${plain}|"${quoted}")`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
