/** The first bytes of binary formats, so that the refusal of a file can name its format. */

import { textKind } from './textKinds.js';

/** A kind of file, and what to do to get a CSV file from it. */
interface Signature {
  is: string;
  next: string;
  at?: number;
  /** The bytes as Latin-1. */
  bytes: string;
}

const EXPORT = 'open it in a spreadsheet program and export it as CSV';
const UNPACK = 'unpack it and upload the CSV file that is in it';
const RECOMPRESS = 'unpack it first, or compress with gzip';
const QUERY = 'export the table as CSV';
const WRONG_FILE = 'upload the CSV file';

/** Sources: the formats' own specifications. Only marks that no line of a CSV file starts with. */
const SIGNATURES: readonly Signature[] = [
  { is: 'a PDF document', next: 'export the data behind it as CSV', bytes: '%PDF-' },
  { is: 'a PNG image', next: WRONG_FILE, bytes: '\x89PNG\r\n\x1a\n' },
  { is: 'a JPEG image', next: WRONG_FILE, bytes: '\xff\xd8\xff' },
  { is: 'a GIF image', next: WRONG_FILE, bytes: 'GIF87a' },
  { is: 'a GIF image', next: WRONG_FILE, bytes: 'GIF89a' },
  { is: 'a TIFF image', next: WRONG_FILE, bytes: 'II*\0' },
  { is: 'a TIFF image', next: WRONG_FILE, bytes: 'MM\0*' },
  {
    is: 'an old Microsoft Office file (XLS or DOC)',
    next: EXPORT,
    bytes: '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
  },
  { is: 'a Parquet file', next: QUERY, bytes: 'PAR1\x15' },
  { is: 'an Arrow file', next: QUERY, bytes: 'ARROW1\0\0' },
  { is: 'an Avro file', next: QUERY, bytes: 'Obj\x01' },
  { is: 'a SQLite database', next: QUERY, bytes: 'SQLite format 3\0' },
  { is: 'a PostgreSQL dump', next: QUERY, bytes: 'PGDMP\x01' },
  // After `BZh` and the block size: a block (pi), or at once the end (its square root).
  { is: 'a bzip2 file', next: RECOMPRESS, bytes: '1AY&SY', at: 4 },
  { is: 'a bzip2 file', next: RECOMPRESS, bytes: '\x17rE8P\x90', at: 4 },
  { is: 'an xz file', next: RECOMPRESS, bytes: '\xfd7zXZ\0' },
  { is: 'an LZ4 file', next: RECOMPRESS, bytes: '\x04\x22\x4d\x18' },
  { is: 'a 7z archive', next: UNPACK, bytes: '7z\xbc\xaf\x27\x1c' },
  { is: 'a RAR archive', next: UNPACK, bytes: 'Rar!\x1a\x07' },
  { is: 'a tar archive', next: UNPACK, bytes: 'ustar\0', at: 257 },
  { is: 'a tar archive', next: UNPACK, bytes: 'ustar  \0', at: 257 },
  { is: 'a program (ELF)', next: WRONG_FILE, bytes: '\x7fELF' },
];

/** A local file header, the end of an empty archive, a part of a split one (APPNOTE 4.3). */
const ZIP_MARKS = ['PK\x03\x04', 'PK\x05\x06', 'PK\x07\x08'];

/** Returns, for example, "an XLSX workbook: open it …", or undefined if the format is not known. */
export function binaryKind(head: Uint8Array): string | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.byteLength).toString('latin1');
  if (ZIP_MARKS.some((mark) => text.startsWith(mark))) return zipKind(text);
  const found = SIGNATURES.find(({ bytes, at = 0 }) => text.startsWith(bytes, at)) ?? textKind(head);
  return found && `${found.is}: ${found.next}`;
}

/**
 * Distinguishes Office files, which are ZIP archives, by the names of their entries (APPNOTE 4.3.7: at 30, length at
 * 26).
 */
function zipKind(text: string): string {
  const names: string[] = [];
  for (let at = text.indexOf('PK\x03\x04'); at >= 0; at = text.indexOf('PK\x03\x04', at + 30)) {
    const length = text.charCodeAt(at + 26) + 256 * text.charCodeAt(at + 27);
    names.push(text.slice(at + 30, at + 30 + length));
  }
  const has = (prefix: string) => names.some((name) => name.startsWith(prefix));
  if (has('xl/')) return `an XLSX workbook: ${EXPORT}`;
  if (has('word/')) return `a DOCX document: ${EXPORT}`;
  if (has('ppt/')) return 'a PPTX presentation: export the data behind it as CSV';
  if (has('[Content_Types].xml')) return `a Microsoft Office file: ${EXPORT}`;
  if (text.startsWith('mimetypeapplication/vnd.oasis.opendocument.spreadsheet', 30))
    return `an ODS spreadsheet: ${EXPORT}`;
  if (text.startsWith('mimetypeapplication/vnd.oasis.opendocument.', 30))
    return `an OpenDocument file: ${EXPORT}`;
  if (has('Index/') || has('Index.zip')) return `an Apple Numbers document: ${EXPORT}`;
  return `a ZIP archive: ${UNPACK}, or compress it with gzip`;
}
