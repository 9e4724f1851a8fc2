/** File names: the name that a client gives its file is data to show, never a path. */
import { ORIGINAL, type ReportFormat, type RowFormat } from '@csvjobs/shared';

/** Maximum length of a name on common file systems: 255 bytes. */
const MAX_BYTES = 255;

/** Control characters (Cc), invisible ones that reorder or hide text (Cf), line ends (Zl, Zp), lone surrogates (Cs). */
const UNSHOWABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * Returns a client's name for its file without path, control characters and excess length; letters of any
 * script stay.
 */
export function cleanFilename(name: string | undefined): string {
  const last = (name ?? '').split(/[/\\]/).at(-1) ?? '';
  const clean = cut(last.replace(UNSHOWABLE, '').trim(), MAX_BYTES);
  return clean === '' || clean === '.' || clean === '..' ? 'upload.csv' : clean;
}

/**
 * `customers.csv` → `customers-errors.csv`, or another extension for another format; `customers-rejected.csv`
 * for the records themselves.
 */
export function reportName(filename: string, format: ReportFormat | typeof ORIGINAL): string {
  return named(filename, format === ORIGINAL ? '-rejected.csv' : `-errors.${format}`);
}

/** `customers.csv` → `customers-rows.csv`. */
export function rowsName(filename: string, format: RowFormat): string {
  return named(filename, `-rows.${format}`);
}

function named(filename: string, ending: string): string {
  const stem = filename.replace(/(\.(csv|tsv|txt|tab))?(\.(gz|zst))?$/i, '');
  return `${cut(stem, MAX_BYTES - ending.length) || 'upload'}${ending}`;
}

/** Cuts a name to at most this many bytes of UTF-8, between two characters; keeps the extension (`.csv`). */
function cut(name: string, maxBytes: number): string {
  if (Buffer.byteLength(name) <= maxBytes) return name;
  const ending = /\.[^.]{1,15}$/u.exec(name)?.[0] ?? '';
  const room = maxBytes - Buffer.byteLength(ending);
  let kept = '';
  let bytes = 0;
  for (const character of name.slice(0, name.length - ending.length)) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    kept += character;
  }
  return kept + ending;
}
