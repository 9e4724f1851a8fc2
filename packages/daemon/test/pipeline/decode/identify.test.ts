import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identify } from '../../../src/pipeline/decode/identify.js';
import { failureOf } from './chunks.js';

const bytes = (latin1: string) => Buffer.from(latin1, 'latin1');

/** A local file header with its name and content (APPNOTE 4.3.7), stored. */
function zipEntry(name: string, content = ''): string {
  const header = Buffer.alloc(30);
  header.write('PK\x03\x04', 'latin1');
  header.writeUInt32LE(content.length, 18);
  header.writeUInt32LE(content.length, 22);
  header.writeUInt16LE(name.length, 26);
  return header.toString('latin1') + name + content;
}

const types = zipEntry('[Content_Types].xml', '<Types/>') + zipEntry('_rels/.rels', '<Relationships/>');
const mimetype = (kind: string) => zipEntry('mimetype', `application/vnd.oasis.opendocument.${kind}`);

const PLAIN = { compression: 'none', bom: undefined };

describe('identify', () => {
  it.each([
    ['plain text', 'name,email,company\nAnna,a@b.de,Acme\n', { compression: 'none', bom: undefined }],
    ['a UTF-8 BOM', '\xef\xbb\xbfname', { compression: 'none', bom: 'utf-8' }],
    ['a UTF-16LE BOM', '\xff\xfen\0a\0', { compression: 'none', bom: 'utf-16le' }],
    ['a UTF-16BE BOM', '\xfe\xff\0n\0a', { compression: 'none', bom: 'utf-16be' }],
    ['a UTF-32LE BOM', '\xff\xfe\0\0n\0\0\0', { compression: 'none', bom: 'utf-32le' }],
    ['a UTF-32BE BOM', '\0\0\xfe\xff\0\0\0n', { compression: 'none', bom: 'utf-32be' }],
    ['a GB 18030 BOM', '\x84\x31\x95\x33name', { compression: 'none', bom: 'gb18030' }],
    ['UTF-16LE without BOM', 'n\0a\0m\0e\0,\0', { compression: 'none', bom: undefined, pattern: 'utf-16le' }],
    ['UTF-16BE without BOM', '\0n\0a\0m\0e\0,', { compression: 'none', bom: undefined, pattern: 'utf-16be' }],
    [
      'UTF-32LE without BOM',
      'n\0\0\0a\0\0\0\xe4\0\0\0,\x04\0\0\n\0\0\0',
      { compression: 'none', bom: undefined, pattern: 'utf-32le' },
    ],
    [
      'UTF-32BE without BOM',
      '\0\0\0n\0\0\0a\0\0\0\xe4\0\0\x04,\0\0\0\n',
      { compression: 'none', bom: undefined, pattern: 'utf-32be' },
    ],
    ['gzip', gzipSync('name').toString('latin1'), { compression: 'gzip', bom: undefined }],
    ['zstd', '\x28\xb5\x2f\xfd\x04', { compression: 'zstd', bom: undefined }],
    ['a skippable zstd frame', '\x5a\x2a\x4d\x18\0\0\0\0', { compression: 'zstd', bom: undefined }],
    ['one byte', 'x', { compression: 'none', bom: undefined }],
    ['a single NUL in a short file', 'a,b\n1,\0\n', { compression: 'none', bom: undefined }],
    [
      'one NUL in some records',
      'name,email\nAn\0na,a@b.de\n'.repeat(5),
      { compression: 'none', bom: undefined },
    ],
    ['windows-1252', 'name\nJ\xfcrgen \x80\n', { compression: 'none', bom: undefined }],
    ['headers that begin like formats', 'PK,PAR1,BZh,BM,MZ,GIF\n', { compression: 'none', bom: undefined }],
    ['a PAR1 header', 'PAR1,name\n', { compression: 'none', bom: undefined }],
    ['terminal escape sequences', '\x1b[1mname\x1b[0m\n'.repeat(20), { compression: 'none', bom: undefined }],
    ['a record that starts with JSON', '{"a": 1}\t5\n', PLAIN],
    ['a list in brackets', '[a],[b]\n1,2\n', PLAIN],
    ['a field in braces', '{1,2},x\n', PLAIN],
    ['a header that starts like SQL', 'insert into,email\n', PLAIN],
  ])('accepts %s', (_, head, expected) => {
    expect(identify(bytes(head))).toEqual(expected);
  });

  it.each([
    ['XLSX', types + zipEntry('xl/workbook.xml'), /^this is an XLSX workbook: .*export it as CSV$/],
    ['DOCX', types + zipEntry('word/document.xml'), /^this is a DOCX document: .*CSV$/],
    ['PPTX', types + zipEntry('ppt/presentation.xml'), /^this is a PPTX presentation: /],
    ['a truncated Office file', types, /^this is a Microsoft Office file: .*CSV$/],
    ['ODS', mimetype('spreadsheet'), /^this is an ODS spreadsheet: .*CSV$/],
    ['ODT', mimetype('text'), /^this is an OpenDocument file: /],
    ['ZIP', zipEntry('customers.csv', 'name,email xl/ word/'), /^this is a ZIP archive: unpack it/],
    ['an empty ZIP', `PK\x05\x06${'\0'.repeat(18)}`, /^this is a ZIP archive: /],
    [
      'HTML',
      '\xef\xbb\xbf\n<!DOCTYPE html><title>Sign in</title>',
      /^this is an HTML page: open it in a browser/,
    ],
    ['a table in HTML', '<html xmlns:x="urn:schemas-microsoft-com:office:excel">', /^this is an HTML page: /],
    ['XML', '<?xml version="1.0"?>\n<Workbook>', /^this is an XML document: /],
    ['RTF', '{\\rtf1\\ansi name,email}', /^this is an RTF document: /],
    ['vCard', 'BEGIN:VCARD\r\nVERSION:3.0\r\n', /^this is a vCard file: export the contacts as CSV/],
    ['iCalendar', 'BEGIN:VCALENDAR\nVERSION:2.0\n', /^this is an iCalendar file: /],
    [
      'a Git LFS pointer',
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1\n',
      /^this is a Git LFS pointer, not the file itself: run git lfs pull/,
    ],
    ['a PostgreSQL dump', '--\n-- PostgreSQL database dump\n--\n', /^this is an SQL script: /],
    ['a MySQL dump', '-- MySQL dump 10.13  Distrib 8.0\n', /^this is an SQL script: /],
    ['SQL', "INSERT INTO customers (name, email) VALUES ('a', 'b');\n", /^this is an SQL script: /],
    [
      'JSON',
      '[{"name": "Ann", "email": "a@b.example"}]',
      /^this is a JSON file: .*jq -r '.*@csv' file\.json/,
    ],
    ['JSON on several lines', '[\n  {\n    "name": "Ann"\n  }\n]', /^this is a JSON file: .*jq -r '/],
    ['JSON on one long line', `[{"name": "${'n'.repeat(2_000)}`, /^this is a JSON file: .*jq -r '/],
    ['NDJSON', '{"name": "Ann"}\n{"name": "Bob"}\n', /^this is a JSON file: .*jq -rs '/],
    ['a JSON object', '{\n  "name": "Ann"\n}', /^this is a JSON file: /],
    ['PDF', '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', /^this is a PDF document: /],
    ['PNG', '\x89PNG\r\n\x1a\n\0\0\0\rIHDR', /^this is a PNG image: /],
    ['JPEG', '\xff\xd8\xff\xe0\0\x10JFIF', /^this is a JPEG image: /],
    ['GIF', 'GIF89a\x01\0\x01\0', /^this is a GIF image: /],
    [
      'old XLS',
      '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0',
      /^this is an old Microsoft Office file \(XLS or DOC\): .*CSV$/,
    ],
    ['Parquet', 'PAR1\x15\x04\x15', /^this is a Parquet file: /],
    ['SQLite', 'SQLite format 3\0\x10\0', /^this is a SQLite database: /],
    ['bzip2', 'BZh91AY&SY\x12', /^this is a bzip2 file: .*gzip$/],
    ['empty bzip2', 'BZh9\x17rE8P\x90\0\0\0\0', /^this is a bzip2 file: /],
    ['xz', '\xfd7zXZ\0\0\x04', /^this is an xz file: /],
    ['7z', '7z\xbc\xaf\x27\x1c\0\x04', /^this is a 7z archive: /],
    ['RAR', 'Rar!\x1a\x07\x01\0', /^this is a RAR archive: /],
    ['tar', `customers.csv${'\0'.repeat(244)}ustar\x0000`, /^this is a tar archive: /],
    ['ELF', '\x7fELF\x02\x01\x01\0', /^this is a program \(ELF\): /],
    ['NULs everywhere', 'ab\0\0\0c'.repeat(20), /^this is binary data, not text: /],
    ['control characters', '\x01\x02\x03\x04\x05\x06\x07\x0e\x0f', /^this is binary data, not text: /],
  ])('refuses %s by its name', async (_, head, message) => {
    const failure = await failureOf(() => identify(bytes(head)));
    expect(failure.code).toBe('file_not_text');
    expect(failure.message).toMatch(message);
    expect(failure.retryable).toBe(false);
  });

  it.each([
    ['', /^the file is empty: upload a CSV file/],
    ['\xef\xbb\xbf', /^the file has nothing after its byte order mark \(utf-8\)/],
    ['\xff\xfe', /^the file has nothing after its byte order mark \(utf-16le\)/],
  ])('refuses an empty file %j', async (head, message) => {
    const failure = await failureOf(() => identify(bytes(head)));
    expect(failure.code).toBe('file_empty');
    expect(failure.message).toMatch(message);
  });

  it('accepts UTF-16 without a byte order mark on request', () => {
    expect(identify(bytes('n\0a\0m\0e\0'), { asked: 'utf-16le' })).toEqual({
      compression: 'none',
      bom: undefined,
      pattern: 'utf-16le',
    });
  });

  it('refuses UTF-16 if another encoding is requested', async () => {
    const failure = await failureOf(() => identify(bytes('n\0a\0m\0e\0'), { asked: 'windows-1252' }));
    expect(failure.code).toBe('file_not_text');
    expect(failure.message).toMatch(/text in utf-16le without a byte order mark: .*--encoding utf-16le/);
  });

  it('says that refused content is inside a compressed file', async () => {
    const failure = await failureOf(() => identify(bytes(zipEntry('a.csv')), { inside: 'gzip' }));
    expect(failure.message).toMatch(/^this is a ZIP archive, inside its gzip compression: unpack it/);
    const twice = await failureOf(() => identify(gzipSync('name'), { inside: 'gzip' }));
    expect(twice.message).toBe(
      'this is a gzip file, inside its gzip compression: unpack it until a CSV file remains',
    );
  });

  it('refuses random bytes and accepts any text, however long', () => {
    const random = fc.uint8Array({ minLength: 2000, maxLength: 4000 });
    fc.assert(
      fc.property(random, (head) => {
        // The first byte keeps the random bytes from looking like another format.
        expect(() => identify(Buffer.concat([bytes('x'), head]))).toThrow(/binary data/);
      }),
      { seed: 1, numRuns: 50 },
    );
    const text = fc
      .string({ unit: 'binary', minLength: 1 })
      .map((value) => value.replaceAll(/\p{Cc}/gu, '\n'));
    fc.assert(
      fc.property(text, (value) => {
        expect(identify(Buffer.from(`name,${value}`, 'utf8')).compression).toBe('none');
      }),
    );
  });
});
