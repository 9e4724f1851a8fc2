import { expect, test } from 'vitest';
import { paintWith } from '../../src/text/paint.js';
import { readOptions, type SniffedFile, sniffLines } from '../../src/text/sniffed.js';
import { widthOf } from '../../src/text/table.js';

const plainPaint = paintWith(false);

const FOUND: SniffedFile = {
  file: 'a file with a long name, as exports have them.csv',
  size: 12_345,
  source: {
    encoding: 'shift_jis',
    delimiter: '\t',
    compression: 'none',
    fields: 5,
    lineEnd: 'crlf',
    strayLineEnds: true,
  },
  evidence: 'assumed by its words "山田太郎", "東京商事" (as gb18030: "嶳揷懢榊", "搶嫗彜帠")',
  quoted: false,
  totalRows: 2,
  footerRows: 0,
  columns: [
    { header: '氏名', type: 'text' },
    { header: '', type: 'timestamptz' },
    { header: 'a\u001b[31mred', type: 'text' },
    { header: 'a header that is much longer than its values are', type: 'double precision' },
    { header: 'last', type: 'integer' },
  ],
  firstRows: [
    ['山田太郎山田太郎山田太郎山田太郎', 'x', '', '1.5', '1'],
    ['鈴木', 'y\nz', '-', '2.5', '2'],
  ],
  notices: [
    'a notice that is long enough for more than one line on every terminal that is as narrow as 40 columns',
  ],
};

test.each([40, 80, 120])('no line but the command is wider than %i columns', async (width) => {
  const lines = await sniffLines(FOUND, plainPaint, width);
  const measure = await widthOf(lines);
  const [command, ...others] = lines.reverse();
  expect(command).toBe(
    "csvjobs upload 'a file with a long name, as exports have them.csv' --encoding shift_jis --delimiter tab",
  );
  for (const line of others) expect(measure(line), line).toBeLessThanOrEqual(width);
  const text = others.join('\n');
  expect(text).toContain('(no name)');
  expect(text).toContain('a␛[31mred');
  if (width === 40) expect(text).toMatch(/… 2 more columns to the right/);
});

test('in a pipe nothing is cut', async () => {
  const text = (await sniffLines(FOUND, plainPaint, undefined)).join('\n');
  expect(text).toContain('山田太郎山田太郎山田太郎山田太郎');
  expect(text).not.toContain('more column');
});

test('the equivalent command has the lines without records, and the given options', async () => {
  const source = { ...FOUND.source, headerLine: 4 };
  const lines = await sniffLines(
    { ...FOUND, source, footerRows: 2, said: ['--quotes', 'lenient'] },
    plainPaint,
    80,
  );
  expect(lines.at(-1)).toBe(
    "csvjobs upload 'a file with a long name, as exports have them.csv' --encoding shift_jis --delimiter tab --skip-lines 3 --footer 2 --quotes lenient",
  );
  expect(readOptions({ source: { ...source, dialect: { skipLines: 3, footer: 2 } }, footerRows: 2 })).toEqual(
    [...['--encoding', 'shift_jis', '--delimiter', 'tab']],
  );
});
