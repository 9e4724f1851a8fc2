/** Text files of another format, recognised by how they start. */

/** A kind of text, and how to get a CSV file from it. */
interface TextKind {
  is: string;
  next: string;
}

const EXPORT_CONTACTS = 'export the contacts as CSV from the program that wrote it';
const EXPORT_TABLE = 'load it into its database and export the table as CSV';
/** The keys of the first object become the header. */
const JQ = `jq -r{slurp} '(.[0] | keys_unsorted) as $k | $k, (.[] | [.[$k[]]]) | @csv' file.json > file.csv`;

/** No line of a CSV file starts like these. */
const STARTS: readonly (TextKind & { start: RegExp })[] = [
  {
    is: 'an HTML page',
    next: 'open it in a browser; if it shows the table, open it in a spreadsheet program and export it as CSV',
    start: /^<(?:!doctype html|html|head|body|table)[\s>]/i,
  },
  {
    is: 'an XML document',
    next: 'open it in a spreadsheet program, or in the program that wrote it, and export it as CSV',
    start: /^<\?xml\s/i,
  },
  {
    is: 'an RTF document',
    next: 'open it in a word processor and save the table as CSV',
    start: /^\{\\rtf\d/,
  },
  { is: 'a vCard file', next: EXPORT_CONTACTS, start: /^BEGIN:VCARD\r?\n/i },
  {
    is: 'an iCalendar file',
    next: EXPORT_CONTACTS.replace('contacts', 'entries'),
    start: /^BEGIN:VCALENDAR\r?\n/i,
  },
  {
    is: 'a Git LFS pointer, not the file itself',
    next: 'run git lfs pull and upload the file again',
    // The specification of Git LFS: the first line of a pointer is its version.
    start: /^version https:\/\/git-lfs\.github\.com\/spec\/v\d\r?\n/,
  },
  {
    is: 'an SQL script',
    next: EXPORT_TABLE,
    start:
      /^(?:--\r?\n)?(?:-- (?:PostgreSQL|MySQL|MariaDB) (?:database )?dump\b|(?:create table|insert into) [^,;\t\n]*\()/i,
  },
];

/**
 * Returns which other format a text has, or undefined.
 * @param head the first bytes of the file, in UTF-8 or another superset of ASCII
 */
export function textKind(head: Uint8Array): TextKind | undefined {
  const text = new TextDecoder().decode(head).trimStart();
  const json = (slurp: string) => ({
    is: 'a JSON file',
    next: `turn it into CSV, as with ${JQ.replace('{slurp}', slurp)}`,
  });
  if (isArray(text)) return json('');
  if (isObject(text)) return json('s');
  return STARTS.find(({ start }) => start.test(text));
}

/** An array of objects, on one line or on several. */
function isArray(text: string): boolean {
  if (!/^\[\s*(?:\{\s*(?:"|\}|$)|\]\s*$|$)/.test(text)) return false;
  return isJsonLine(text, /^\[\s*\{?\s*$/);
}

/** Objects, one per line (NDJSON) or one on several lines. */
function isObject(text: string): boolean {
  if (!/^\{\s*(?:"(?:[^"\\]|\\.)*"\s*:|$)/.test(text)) return false;
  return isJsonLine(text, /^\{\s*$/);
}

/**
 * Returns whether the first line is JSON, or opens it. A record may start with a JSON value (`{"a": 1}` and a tab), but the
 * rest of its line is not JSON.
 */
function isJsonLine(text: string, opening: RegExp): boolean {
  const [line = '', ...more] = text.split('\n', 2);
  if (more.length === 0 && line.length > 1_000) return true;
  if (opening.test(line)) return true;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
