/** What `csvjobsd sniff` reports for files: how they are read, their content, and the evidence. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import iconv from 'iconv-lite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sniffFile } from '../../src/pipeline/sniffFile.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csvjobs-sniff-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function sniffed(bytes: Uint8Array, overrides = {}) {
  const path = join(folder, 'f.csv');
  await writeFile(path, bytes);
  const limits = { maxRecordBytes: 10_000, maxDecodedBytes: 1e9, batchRows: 1, batchBytes: 1 };
  return sniffFile({ path, overrides, limits, maxUploadBytes: 1e9 });
}

const TEXT = 'Name;Größe;Datum\r\nJürgen Müller;1,5;2024-01-31\r\n"Käthe; Böhm";2;2024-02-01\r\n';

test('encoding with its evidence, dialect, columns with their types, and the first rows', async () => {
  expect(await sniffed(gzipSync(iconv.encode(TEXT, 'windows-1252')))).toEqual({
    type: 'sniffed',
    source: { encoding: 'windows-1252', delimiter: ';', compression: 'gzip', fields: 3, lineEnd: 'crlf' },
    evidence: 'assumed by its words "Größe", "Jürgen", "Müller"',
    quoted: true,
    footerRows: 0,
    totalRows: 2,
    columns: [
      { header: 'Name', type: 'text' },
      { header: 'Größe', type: 'text' },
      { header: 'Datum', type: 'date' },
    ],
    firstRows: [
      ['Jürgen Müller', '1,5', '2024-01-31'],
      ['Käthe; Böhm', '2', '2024-02-01'],
    ],
    notices: [],
  });
});

test.each([
  ['ASCII', Buffer.from('a,b\n1,2\n'), {}, 'utf-8', 'all of it is ASCII'],
  ['UTF-8', Buffer.from('a,b\nZoë,2\n'), {}, 'utf-8', 'all of it is valid UTF-8'],
  ['a byte order mark', Buffer.from('\ufeffa,b\n1,2\n'), {}, 'utf-8', 'its byte order mark'],
  ['UTF-16 without a byte order mark', Buffer.from('a,b\n1,2\n', 'utf16le'), {}, 'utf-16le', 'its NUL bytes'],
  ['an option', Buffer.from('a,b\n1,2\n'), { encoding: 'CP1251' }, 'windows-1251', 'asked for (CP1251)'],
])('the encoding from %s', async (_, bytes, overrides, encoding, evidence) => {
  expect(await sniffed(bytes, overrides)).toMatchObject({ source: { encoding }, evidence });
});

test('at most ten rows, long values cut, and what a load would reject', async () => {
  const found = await sniffed(Buffer.from(`a,b\n${'x'.repeat(300)},1\n${'y,2\n'.repeat(20)}z\n`));
  if (found.type !== 'sniffed') throw new Error(found.message);
  expect(found.firstRows).toHaveLength(10);
  expect(found.firstRows[0]![0]).toBe(`${'x'.repeat(200)}…`);
  expect(found).toMatchObject({ totalRows: 22, quoted: false });
  expect(found.notices).toEqual([
    expect.stringMatching(/^1 record was left out, which a load rejects; .* line 23/),
  ]);
});

test('a file that needs an option is refused with that option', async () => {
  expect(await sniffed(iconv.encode('name\nGdańsk\n', 'windows-1250'))).toEqual({
    type: 'refused',
    code: 'encoding_undetermined',
    message: expect.stringMatching(
      /as windows-1250: "Gdańsk" \(as windows-1252: "Gdañsk"\)\. Name it with --encoding <name>/,
    ),
  });
});
