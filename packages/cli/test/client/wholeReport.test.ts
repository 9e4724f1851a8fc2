/** A report cut anywhere arrives the same as an uncut one. */
import { describe, expect, test } from 'vitest';
import { inShortIf } from '../../../daemon/test/support/form.js';
import { type Part, wholeReport } from '../../src/client/wholeReport.js';
import { EXIT } from '../../src/exitCodes.js';
import { UserError } from '../../src/userError.js';

const FORMATS = ['csv', 'json', 'ndjson'] as const;
type Format = (typeof FORMATS)[number];

const ROWS = [3, 17, 18, 200];
/** As the daemon writes them: line ends and quotes in values, and a value that looks like a row. */
const CSV = (row: number) => `${row},"Two\n4,lines, ""${row}""",x@,,Ålesund,email is not a valid address\n`;
const JSON_ROW = (rowNumber: number) =>
  JSON.stringify({ rowNumber, line: rowNumber + 1, row: { name: 'Two\n"lines' } });

/** What the daemon sends after a row. */
function report(format: Format, after: number, rows: readonly number[] = ROWS): string {
  const left = rows.filter((row) => row > after);
  if (format === 'csv') return (after === 0 ? 'rowNumber,name,email\n' : '') + left.map(CSV).join('');
  if (format === 'ndjson') return left.map((row) => `${JSON_ROW(row)}\n`).join('');
  return `[${left.map((row, at) => `${at === 0 ? '\n' : ',\n'}${JSON_ROW(row)}`).join('')}\n]\n`;
}

const lost = () =>
  new UserError({ code: 'daemon_unreachable', exitCode: EXIT.unreachable, what: 'away', why: 'reset' });

/** The first `end` bytes in chunks of `size`, then a broken connection, unless that is everything. */
async function* part(text: string, end: number, size: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < Math.min(end, bytes.length); at += size)
    yield bytes.subarray(at, Math.min(at + size, end));
  if (end <= bytes.length) throw lost();
}

async function read(
  first: Part,
  format: Format,
  open: (after: number) => Promise<Part>,
  patience = 60_000,
  mustHave?: number,
): Promise<{ text: string; breaks: number[]; rows?: number | undefined; error?: unknown }> {
  let rows: number | undefined;
  const atEnd = async (came: number) => {
    rows = came;
    if (mustHave !== undefined && came !== mustHave) throw new Error('not all of them');
  };
  const breaks: number[] = [];
  const chunks: Buffer[] = [];
  const { signal } = new AbortController();
  const onBreak = (after: number) => breaks.push(after);
  try {
    for await (const chunk of wholeReport(first, { format, open, patience, signal, onBreak, atEnd }))
      chunks.push(chunk);
    return { text: Buffer.concat(chunks).toString(), breaks, rows };
  } catch (error) {
    return { text: Buffer.concat(chunks).toString(), breaks, rows, error };
  }
}

// In parallel: most of the time goes into the pauses between tries.
describe.concurrent.each(FORMATS)('%s', (format) => {
  /** In the short form each format has one size of chunks, and one of the other breaks. */
  const at = FORMATS.indexOf(format);
  const whole = report(format, 0);
  const length = Buffer.byteLength(whole);

  for (const [turn, size] of [1, 7, 65_536].entries())
    test(`cut after any byte, in chunks of ${size}`, inShortIf(turn === at), async () => {
      const cuts = Array.from({ length: length + 1 }, (_, end) =>
        read(part(whole, end, size), format, async (after) =>
          part(report(format, after), Number.POSITIVE_INFINITY, size),
        ),
      );
      for (const [end, { text, rows, error }] of (await Promise.all(cuts)).entries()) {
        expect(text, `cut behind ${end}: ${error}`).toBe(whole);
        expect(rows, `rows, cut behind ${end}`).toBe(ROWS.length);
      }
    });

  test('cut repeatedly, sometimes before anything new arrived', inShortIf(at === 0), async () => {
    let tries = 0;
    const again = async (after: number) => {
      tries++;
      if (tries % 2 === 1) throw lost();
      return part(report(format, after), format === 'csv' ? 90 : 110, 10);
    };
    const { text, breaks, error } = await read(part(whole, 30, 10), format, again);
    expect(error).toBeUndefined();
    expect(text).toBe(whole);
    // Reported once for each row reached.
    expect(breaks).toEqual([...new Set(breaks)]);
  });

  test('a continuation that does not fit is refused', inShortIf(at === 1), async () => {
    const cut = Buffer.byteLength(whole.slice(0, whole.lastIndexOf('lines') + 5));
    for (const wrong of [
      // A daemon without ?after=, one whose report changed within the interrupted row, and one without a report.
      async () => part(whole, Number.POSITIVE_INFINITY, 10),
      async (after: number) =>
        part(report(format, after).replaceAll('lines', 'Lines'), Number.POSITIVE_INFINITY, 10),
      async () => part('', Number.POSITIVE_INFINITY, 10),
    ]) {
      const { text, error } = await read(part(whole, cut, 10), format, wrong);
      expect(whole.startsWith(text)).toBe(true);
      expect(error).toMatchObject({ code: 'answer_not_understood', exitCode: 1 });
      expect(String(error)).toContain('after row');
    }
  });

  test(
    'a daemon that stays away: the last row and the reason, once the patience is over',
    inShortIf(at === 2),
    async () => {
      const started = performance.now();
      const away = async () => {
        throw lost();
      };
      const { error, breaks } = await read(part(whole, length - 3, 10), format, away, 700);
      expect(performance.now() - started).toBeGreaterThanOrEqual(690);
      expect(error).toMatchObject({ code: 'daemon_unreachable', exitCode: 6, why: 'away (reset)' });
      expect((error as Error).message).toMatch(/broke off after row (18|200)$/);
      expect(breaks).toHaveLength(1);
    },
  );

  test('an error that waiting cannot fix is reported at once', async () => {
    const gone = new UserError({ code: 'job_not_found', exitCode: EXIT.usage, what: 'no such job' });
    const { error } = await read(part(whole, length - 3, 10), format, async () => {
      throw gone;
    });
    expect(error).toBe(gone);
  });
});

describe.each(FORMATS)('the end of %s', (format) => {
  const neverAgain = async () => part('', 0, 1);

  test.each([0, 1, 2, 4])('with %i rows: the rows are counted, however they are chunked', async (length) => {
    const whole = report(format, 0, ROWS.slice(0, length));
    for (const size of [1, 7, 65_536]) {
      const { text, rows } = await read(part(whole, Number.POSITIVE_INFINITY, size), format, neverAgain);
      expect({ text, rows }).toEqual({ text: whole, rows: length });
    }
  });

  test.each([1, 100, 65_536])(
    'with missing rows: the last bytes are withheld, in chunks of %i',
    async (size) => {
      const short = report(format, 0, ROWS.slice(0, 3));
      const first = part(short, Number.POSITIVE_INFINITY, size);
      const { text, rows, error } = await read(first, format, neverAgain, 0, ROWS.length);
      expect({ rows, error }).toEqual({ rows: 3, error: new Error('not all of them') });
      expect(short.startsWith(text) && text.length < short.length).toBe(true);
      if (format === 'json') expect(() => JSON.parse(text)).toThrow();
    },
  );
});

test('an array cut after its last row does not continue after it', async () => {
  const cut = Buffer.byteLength(report('json', 0)) - 2;
  const longer = async (after: number) =>
    part(report('json', after, [...ROWS, 300]), Number.POSITIVE_INFINITY, 10);
  const { error } = await read(part(report('json', 0), cut, 10), 'json', longer);
  expect(error).toMatchObject({ code: 'answer_not_understood' });
});
