/**
 * Texts in any dialect, in any chunks, with any damage: never so that records touch each other.
 *
 * @module-tag sized
 */
import type { FileDialect } from '@csvjobs/shared';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeyFilter } from '../../src/pipeline/batch/keyFilter.js';
import { customersHeader } from '../../src/pipeline/headerRule.js';
import { noticeTexts } from '../../src/pipeline/notice.js';
import { batchReader, startOf } from '../../src/pipeline/reader.js';
import { Survey } from '../../src/pipeline/survey.js';
import { sized } from '../support/form.js';
import { splitBy, splits } from './support/arbitrary.js';
import { ended, OPTIONS, readAll } from './support/run.js';

interface Written {
  delimiter: string;
  dialect: FileDialect;
  lineEnd: string;
  /** The lines before and after the records. */
  above: 'header' | 'title' | 'two rows' | 'nothing' | 'a row to leave out' | 'a title that is found';
  footer: 'none' | 'named' | 'named, two lines' | 'found';
  /** Some records lack their last, optional field. */
  short: boolean;
}

const NAMES = ['name', 'email', 'company', 'phone'] as const;

const written: fc.Arbitrary<Written> = fc
  .record({
    delimiter: fc.constantFrom(',', ';', '\t', '|', '::', '¬', ' ', '~|~', '||'),
    quote: fc.constantFrom('"', "'", '«', null),
    escape: fc.constantFrom(undefined, '\\', '^'),
    doubleQuote: fc.boolean(),
    skipInitialSpace: fc.boolean(),
    quotes: fc.constantFrom('strict', 'lenient'),
    comment: fc.constantFrom(undefined, '#', '%'),
    lineEnd: fc.constantFrom('\n', '\r\n', '\r'),
    above: fc.constantFrom<Written['above']>(
      'header',
      'title',
      'two rows',
      'nothing',
      'a row to leave out',
      'a title that is found',
    ),
    footer: fc.constantFrom<Written['footer']>('none', 'named', 'named, two lines', 'found'),
    short: fc.boolean(),
  })
  .map(({ delimiter, quote, escape: mark, doubleQuote, skipInitialSpace, quotes, comment, ...around }) => ({
    delimiter,
    ...around,
    dialect: {
      ...(around.above === 'title' && { skipLines: 2 }),
      ...(around.above === 'two rows' && { headerRows: [1, 2], headerJoin: '' }),
      ...(around.above === 'nothing' && { columns: [...NAMES] }),
      ...(around.above === 'a row to leave out' && { commentRows: [2] }),
      ...(around.footer === 'named' && { footer: 1 }),
      ...(around.footer === 'named, two lines' && { footer: 2 }),
      ...(quote !== '"' && { quote }),
      ...(mark && { escape: mark }),
      // Without doubled quotes, a quote in a value needs an escape.
      ...(!doubleQuote && mark && { doubleQuote: false }),
      ...(skipInitialSpace && delimiter !== ' ' && { skipInitialSpace: true }),
      ...(quotes === 'lenient' && { quotes: 'lenient' as const }),
      ...(comment && { comment }),
    },
  }));

/** The lines that a writer puts before and after the records. */
function around({ delimiter, lineEnd, above, footer }: Written): { head: string; tail: string } {
  const header = NAMES.join(delimiter) + lineEnd;
  const halves = [NAMES.map((name) => name.slice(0, 2)), NAMES.map((name) => name.slice(2))];
  const heads: Record<Written['above'], string> = {
    header,
    title: `A "title${lineEnd}${lineEnd}${header}`,
    'two rows': halves.map((cells) => cells.join(delimiter) + lineEnd).join(''),
    nothing: '',
    'a row to leave out': `${header}a "note${lineEnd}`,
    'a title that is found': `Report${lineEnd}${lineEnd}${header}`,
  };
  const tails: Record<Written['footer'], string> = {
    none: '',
    named: `Total${lineEnd}`,
    'named, two lines': `Total${lineEnd}`.repeat(2),
    found: `${lineEnd}Total${lineEnd}`,
  };
  return { head: heads[above], tail: tails[footer] };
}

/** A value as the dialect writes it. */
function put(value: string, { delimiter, dialect }: Pick<Written, 'delimiter' | 'dialect'>): string {
  const { quote = '"', escape: behind, doubleQuote = true } = dialect;
  const marks = [delimiter, quote, behind, '\n', '\r', ' '];
  if (!marks.some((mark) => mark != null && value.includes(mark))) return value;
  // Without quotes only an escape protects special characters.
  if (quote === null)
    return [...value].map((each) => (marks.join('').includes(each) ? (behind ?? '') + each : each)).join('');
  if (behind === undefined) return `${quote}${value.replaceAll(quote, quote + quote)}${quote}`;
  const escaped = value.replaceAll(behind, behind + behind);
  return `${quote}${escaped.replaceAll(quote, (doubleQuote ? quote : behind) + quote)}${quote}`;
}

/** Whether the dialect can represent a value at all. */
function writes(value: string, { delimiter, dialect: { quote, escape: behind } }: Written): boolean {
  if (quote !== null || behind !== undefined) return true;
  return ![...delimiter, '\n', '\r'].some((mark) => value.includes(mark));
}

/** The values of each record contain its unique number, which shows where they end up. */
const noise = fc.string({
  unit: fc.constantFrom('a', ' ', ',', ';', '"', "'", '\n', '\\', '«', ':', '¬', '|', '^', '~'),
  maxLength: 6,
});
const rows = fc.array(fc.tuple(noise, noise), { minLength: 1, maxLength: 8 });
/** Stands for a byte that is invalid in UTF-8. */
const NO_TEXT = '\ue000';
const damages = fc.array(
  fc.record({
    where: fc.double({ min: 0, max: 1, noNaN: true }),
    put: fc.constantFrom(
      ...['"', "'", ',', ';', '\n', '\r\n', '\r', '\\', '«', '::', '|', '^', 'x', '', '\0', NO_TEXT],
    ),
    cut: fc.nat(3),
  }),
  { maxLength: 4 },
);
const mark = (row: number) => `<${row}>`;
const marksIn = (text: string) => new Set([...text.matchAll(/<(\d+)>/g)].map(([, row]) => Number(row)));

function bytesOf(text: string): Buffer {
  const [first = '', ...rest] = text.split(NO_TEXT);
  return Buffer.concat([Buffer.from(first), ...rest.flatMap((part) => [Buffer.of(0xff), Buffer.from(part)])]);
}

function surveyOf(file: Buffer, { delimiter, dialect }: Pick<Written, 'delimiter' | 'dialect'>) {
  const { maxRecordBytes } = OPTIONS;
  const survey = new Survey({ delimiter, dialect, maxRecordBytes, rule: customersHeader(undefined) });
  survey.push(file);
  return survey.end();
}

it('no record vanishes silently, is duplicated, or merges with a neighbour', () => {
  let loadedRows = 0;
  let rejectedRows = 0;
  let namedRows = 0;
  fc.assert(
    fc.property(
      written,
      rows,
      damages,
      splits,
      fc.integer({ min: 1, max: 3 }),
      (format, drawn, hits, sizes, batchRows) => {
        const made = drawn.filter((values) => values.every((value) => writes(value, format)));
        fc.pre(made.length > 0);
        const record = (cells: string[]) => {
          const blank = format.dialect.skipInitialSpace ? ' ' : '';
          return cells.map((cell) => put(cell, format)).join(format.delimiter + blank);
        };
        const lines = made.map(([name, company], row) =>
          record([
            ...[`x${name}x${mark(row)}`, `u${row}@x.io`, `${mark(row)}y${company}y`],
            ...(format.short && row % 2 === 1 ? [] : ['1']),
          ]),
        );
        const { head, tail } = around(format);
        let body = lines.map((line) => line + format.lineEnd).join('');
        for (const { where, put: text, cut } of hits) {
          const at = Math.floor(where * body.length);
          // A record's number stays whole, and no line becomes a comment.
          if (/[<>\d@.#%]/.test(body.slice(Math.max(0, at - 4), at + cut + 4))) continue;
          body = body.slice(0, at) + text + body.slice(at + cut);
        }
        const file = bytesOf(head + body + tail);
        const { delimiter, dialect } = format;
        const options = { delimiter, dialect, batchRows };
        const { layout, notices, totalRows } = surveyOf(file, format);
        const batches = readAll([file], { ...options, layout });
        const all = ended(batches);
        expect(all).toHaveLength(totalRows);

        // Each text of a record is in the result of exactly one record, or in a notice; no loaded record has
        // text of two.
        const seen = new Map<number, number>();
        for (const { values, reject } of all) {
          const text = values
            ? values.join('\0')
            : (reject!.row.raw ?? Object.values(reject!.row).join('\0'));
          const marks = marksIn(text);
          if (values) {
            loadedRows++;
            expect(marks.size).toBe(1);
            const [row] = [...marks];
            expect(values[1]).toBe(`u${row}@x.io`);
            expect(values[0]).toContain(mark(row!));
            expect(values[3]).toContain(mark(row!));
            if (hits.length === 0)
              expect([values[0], values[3]]).toEqual([
                `x${made[row!]![0]}x${mark(row!)}`,
                `${mark(row!)}y${made[row!]![1]}y`,
              ]);
          } else rejectedRows++;
          for (const row of marks) seen.set(row, (seen.get(row) ?? 0) + (values ? 1 : 0));
        }
        if (hits.length === 0) expect(all.filter(({ values }) => values)).toHaveLength(made.length);
        const said = marksIn(noticeTexts(notices).join('\0'));
        for (const row of made.keys()) {
          if (!seen.has(row)) {
            namedRows++;
            expect(said).toContain(row);
          } else expect(seen.get(row)).toBeLessThanOrEqual(1);
        }
        expect(all.map(({ rowNumber }) => rowNumber)).toEqual(all.map((_, at) => at + 1));

        // The same with any chunks, and from any checkpoint.
        const contents = (some: typeof batches) =>
          some.map((batch) => ({ records: ended([batch]), checkpoint: batch.checkpoint }));
        expect(contents(readAll(splitBy(file, sizes), { ...options, layout }))).toEqual(contents(batches));
        const first = batchReader({ ...OPTIONS, ...options, emails: new KeyFilter(1), layout });
        for (const _ of first.push(file));
        for (const [index, { checkpoint }] of batches.entries()) {
          const from = startOf(format, checkpoint).byteOffset;
          const resumed = readAll(splitBy(file.subarray(from), sizes), {
            ...options,
            layout,
            checkpoint,
            header: first.header!,
          });
          expect(contents(resumed)).toEqual(contents(batches.slice(index + 1)));
        }
      },
    ),
    { numRuns: sized(130, 1_500) },
  );
  expect(loadedRows).toBeGreaterThan(sized(80, 1_000));
  expect(rejectedRows).toBeGreaterThan(sized(16, 200));
  // A footer may absorb a record only if little of the record is left to identify it.
  expect(namedRows).toBeLessThan(loadedRows / 50);
});
