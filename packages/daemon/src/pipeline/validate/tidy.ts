/**
 * Tidies values of customers that exports write with something around them: takes the first of several values, the
 * address from a name or a scheme before it, and removes invisible characters. Each change is described by a sentence,
 * which the job counts: nothing is changed silently.
 */
import type { CustomerColumn } from '@csvjobs/shared';
import { CUSTOMER_COLUMNS, isEmail } from '@csvjobs/shared/reading';
import type { CustomerValues } from '../header.js';
import { Fields } from '../parse/fields.js';
import type { Values } from '../validate.js';

export interface Tidied {
  fields: Fields;
  /** What was assumed, one sentence for each change. */
  assumed: string[];
}

const PHONE = CUSTOMER_COLUMNS.indexOf('phone');
const EMAIL = CUSTOMER_COLUMNS.indexOf('email');
const SEMICOLON = 0x3b;
const APOSTROPHE = 0x27;
const HASH = 0x23;
const FIRST_LETTER = 0x41;
const LESS = 0x3c;
const CLOSING = 0x29;
const BACKSLASH = 0x5c;

/** Columns whose text is checked; their values are never empty. */
const OTHERS = [CUSTOMER_COLUMNS.indexOf('name'), CUSTOMER_COLUMNS.indexOf('company')] as const;

/**
 * Returns whether a value of a valid record may need tidying. Only examines bytes, because nearly all values are fine.
 * The e-mail is known to be plain and is not checked.
 */
export function mayBeUntidy({ bytes, starts, ends }: Values): boolean {
  const [name, company] = OTHERS;
  const around =
    bytes[starts[name]!]! | bytes[ends[name]! - 1]! | bytes[starts[company]!]! | bytes[ends[company]! - 1]!;
  if (around >= 0x80 && OTHERS.some((column) => hasInvisible(bytes, starts[column]!, ends[column]!)))
    return true;
  if (isMarked(bytes, starts[company]!, ends[company]!) || isMarked(bytes, starts[name]!, ends[name]!))
    return true;
  const start = starts[PHONE]!;
  const end = ends[PHONE]!;
  if (start === end) return false;
  if (beginsNoNumber(bytes[start]!) || isMarked(bytes, start, end)) return true;
  if ((bytes[start]! | bytes[end - 1]!) >= 0x80 && hasInvisible(bytes, start, end)) return true;
  // A colon and a semicolon differ only in the last bit.
  for (let at = start; at < end; at++) if ((bytes[at]! | 1) === SEMICOLON) return true;
  return false;
}

/** Returns whether a phone starts with an apostrophe, or like a word or label. */
function beginsNoNumber(first: number): boolean {
  return first === APOSTROPHE || first === HASH || first === LESS || first >= FIRST_LETTER;
}

/** Returns whether a text may be a word for a missing value, or be followed by a Notion link. */
function isMarked(bytes: Uint8Array, start: number, end: number): boolean {
  const last = bytes[end - 1];
  if (last === CLOSING) return true;
  const length = end - start;
  return (
    (length === 2 && bytes[start] === BACKSLASH) ||
    (length === 4 && last === 0x4c && bytes[start] === last + 2)
  );
}

/** Returns whether a text starts or ends with one of the characters in INVISIBLE. */
function hasInvisible(bytes: Uint8Array, start: number, end: number): boolean {
  return isInvisible(bytes, start) || isInvisible(bytes, end - 2) || isInvisible(bytes, end - 3);
}

/** U+00AD in two bytes of UTF-8; U+200B to U+200F, U+202A to U+202E, U+2060 to U+2069 and U+FEFF in three. */
function isInvisible(bytes: Uint8Array, at: number): boolean {
  const first = bytes[at];
  if (first === 0xc2) return bytes[at + 1] === 0xad;
  if (first === 0xef) return bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf;
  if (first !== 0xe2) return false;
  const [second, third] = [bytes[at + 1], bytes[at + 2]!];
  if (second === 0x81) return third >= 0xa0 && third <= 0xa9;
  return second === 0x80 && ((third >= 0x8b && third <= 0x8f) || (third >= 0xaa && third <= 0xae));
}

/** The same for a record that did not pass the fast check of its e-mail and required values. */
export function mayBeTidied(values: Values): boolean {
  const { bytes, starts, ends } = values;
  for (let column = 0; column < starts.length; column++)
    if (
      hasInvisible(bytes, starts[column]!, ends[column]!) ||
      isMarked(bytes, starts[column]!, ends[column]!)
    )
      return true;
  for (const column of [EMAIL, PHONE])
    for (let at = starts[column]!; at < ends[column]!; at++)
      if ((bytes[at]! | 1) === SEMICOLON || bytes[at] === LESS) return true;
  return starts[PHONE]! < ends[PHONE]! && beginsNoNumber(bytes[starts[PHONE]!]!);
}

/** Returns a record with its values tidied; undefined if none was changed. */
export function tidied(fields: Fields, { positions }: Pick<CustomerValues, 'positions'>): Tidied | undefined {
  const assumed: string[] = [];
  const values = new Map<number, string>();
  for (const column of CUSTOMER_COLUMNS) {
    const position = positions[column];
    if (position === -1 || position >= fields.count) continue;
    const text = fields.text(position);
    const value = tidyValue(column, text, assumed);
    if (value !== text.trim()) values.set(position, value);
  }
  if (assumed.length === 0) return undefined;
  const made = new Fields();
  const parts = Array.from({ length: fields.count }, (_, at) => {
    const value = values.get(at);
    return value === undefined
      ? fields.bytes.subarray(fields.starts[at], fields.ends[at])
      : Buffer.from(value);
  });
  made.bytes = Buffer.concat(parts);
  let to = 0;
  for (const part of parts) {
    made.add(to, to + part.length);
    to += part.length;
  }
  return { fields: made, assumed };
}

/** Zero-width characters, and those that change the direction of text (Unicode, general category Cf). */
const INVISIBLE = '[\\s\\u00ad\\u200b-\\u200f\\u202a-\\u202e\\u2060-\\u2069\\ufeff]+';
const AROUND = new RegExp(`^${INVISIBLE}|${INVISIBLE}$`, 'gu');

/** Returns the value of a text, trimmed. Adds to `assumed` a sentence for each step except trimming. */
export function tidyValue(column: CustomerColumn, text: string, assumed: string[]): string {
  const value = text.trim();
  const bare = value.replace(AROUND, '');
  if (bare !== value) assumed.push(`${column}: invisible characters around a value left out`);
  if (NO_VALUE[column]?.includes(bare)) {
    assumed.push(`${column}: ${bare} read as no value`);
    return '';
  }
  if (column === 'email') return tidyEmail(bare, assumed);
  if (column === 'phone') return tidyPhone(bare, assumed);
  const linked = bare.endsWith(')') ? bare.replace(NOTION_LINK, '') : bare;
  if (linked !== bare) assumed.push(`${column}: a link to Notion behind a value left out`);
  return linked;
}

/**
 * What MySQL (section 15.2.9, LOAD DATA), PostgreSQL's COPY and SQL Server Management Studio write for NULL; for phones
 * also what R, pandas, Excel and people write. A person may be called Null, and a company NA.
 */
const NO_VALUE: Partial<Record<CustomerColumn, readonly string[]>> = {
  name: ['\\N'],
  phone: [
    '\\N',
    'NULL',
    'null',
    'NA',
    'N/A',
    'n/a',
    'NaN',
    'nan',
    'None',
    '#N/A',
    '(null)',
    '<null>',
    '<NA>',
  ],
  company: ['\\N', 'NULL'],
};

/** Notion exports add the URL of a referenced page after its title. */
const NOTION_LINK = / \(https:\/\/(?:www\.)?notion\.(?:so|site)\/[^()\s]*\)/gu;

/** Changes a text only if the result is an address. For all others the rules say what is wrong. */
function tidyEmail(text: string, assumed: string[]): string {
  if (isEmail(text)) return text;
  const sentences: string[] = [];
  let value = text;
  const parts = value.split(/\s*(?::::|;)\s*/u).filter((part) => part !== '');
  if (parts.length > 1 && parts.every((part) => addressIn(part) !== undefined)) {
    sentences.push('email: the first of several addresses in a field taken');
    value = parts[0]!;
  } else if (parts.length === 1) value = parts[0]!;
  const address = addressIn(value);
  if (address === undefined) return text;
  if (/</u.test(value)) sentences.push('email: the address beside a name taken');
  else if (/^mailto:/iu.test(value)) sentences.push('email: "mailto:" before an address left out');
  if (sentences.length === 0) sentences.push('email: separators around an address left out');
  assumed.push(...sentences);
  return address;
}

/**
 * Returns the address in `Ann Lee <ann@x.example>` or `mailto:ann@x.example?subject=…`, or the text itself if it is an
 * address.
 */
function addressIn(text: string): string | undefined {
  const inner = /^[^<>@]*<([^<>]+)>$/u.exec(text)?.[1] ?? text;
  const address = inner.trim().replace(/^mailto:([^?]*).*$/iu, '$1');
  return isEmail(address) ? address : undefined;
}

/** A label before a number. */
const LABEL = /^(?:tel|phone|telefon|tél|mobile|mobil|p)\s*:\s*(?=[+\d(])/iu;
const NEXT_LABEL = /[\s,;]+(?:tel|phone|telefon|tél|mobile|mobil|fax|home|work|other)\s*:.*$/iu;
/** An extension belongs to the number before it. */
const EXTENSION = /^(?:ext|extn|extension|x|poste|durchwahl|dw|anexo|ramal|interno|int|toestel)\b/iu;

function tidyPhone(text: string, assumed: string[]): string {
  let value = text;
  const parts = value.split(/\s*(?::::|;)\s*/u).filter((part) => part !== '');
  const isNumber = (part: string) => /\d.*\d.*\d/u.test(part) && !part.includes('=') && !EXTENSION.test(part);
  // `+1-555-0100;ext=5` (RFC 3966) is one number.
  if (parts.length > 1 && parts.every(isNumber)) {
    assumed.push(SEVERAL);
    value = parts[0]!;
  }
  const bare = value.replace(LABEL, '');
  if (bare !== value) {
    assumed.push(
      /^tel:/iu.test(value)
        ? 'phone: "tel:" before a number left out'
        : 'phone: a label before a number left out',
    );
    value = bare.replace(NEXT_LABEL, '');
    if (value !== bare) assumed.push(SEVERAL);
  }
  if (/^'[+\d(]/u.test(value)) {
    assumed.push('phone: an apostrophe before a number left out');
    value = value.slice(1);
  }
  return value;
}

const SEVERAL = 'phone: the first of several numbers in a field taken';
