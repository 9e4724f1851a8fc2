/**
 * What all records of a file have in common decides which of them are whole.
 *
 * @module-tag sized
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyFilter } from '../../src/pipeline/batch/keyFilter.js';
import type { Batch } from '../../src/pipeline/batch.js';
import { customersHeader } from '../../src/pipeline/headerRule.js';
import { batchReader } from '../../src/pipeline/reader.js';
import { Survey } from '../../src/pipeline/survey.js';
import { sized } from '../support/form.js';
import { splitBy, splits } from './support/arbitrary.js';
import { chunked, ended, layoutOf, OPTIONS, readAll } from './support/run.js';

const text = (file: string) => [Buffer.from(file)];

/** The result of each record: its name, or the message of its reject. */
function outcome(file: string): string[] {
  return ended(readAll(text(file))).map(({ values, reject }) => reject?.message ?? values!.join('|'));
}

const ADVICE = 'quote a field that has the delimiter or a line end in it';
const piece = (lineEnd: string) =>
  `may be part of a record that was cut at a line end, ${lineEnd} in a file whose lines end with CRLF; ${ADVICE}, or save the file with one kind of line end`;
const HEADER = 'name,email,company,phone\n';

describe('empty fields at the end', () => {
  it.each([
    ['one record with a shifted value', ['Ann,a@x.io,Acme, Inc.,', 'Bo,b@x.io,Co,1'], ['5', 'Bo']],
    ['every record has one', ['Ann,a@x.io,Acme,,', 'Bo,b@x.io,Co,1, '], ['Ann', 'Bo']],
    ['a record without a value does not count', [',,,,', 'Ann,a@x.io,Acme, Inc.,'], ['5']],
    ['the only record has one', ['Ann,a@x.io,Acme, Inc.,'], ['5']],
    ['one has none', ['Ann,a@x.io,Acme,,', 'Bo,b@x.io,Co,1', 'Cy,c@x.io,Co,,'], ['5', 'Bo', '5']],
    ['one has more than all have', ['Ann,a@x.io,Acme,,', 'Bo,b@x.io,Co,1,,'], ['Ann', '6']],
    [
      'all have one, and a shifted value adds another',
      ['Ann,a@x.io,Acme, Inc.,,', 'Bo,b@x.io,Co,1,'],
      ['6', 'Bo'],
    ],
    ['short and faulty records do not count', ['Ann,a@x.io,Acme,,', 'Bo', 'C"y,', 'Di,d@x.io,Co,2,'], null],
  ])('%s', (_, records, wanted) => {
    const got = outcome(HEADER + records.join('\n'));
    if (wanted === null) {
      expect(got).toEqual([
        expect.stringMatching(/^Ann/),
        `1 field where the header has 4; ${ADVICE}`,
        expect.stringMatching(/^quote/),
        expect.stringMatching(/^Di/),
      ]);
    } else
      expect(got).toEqual(
        wanted.map((each) =>
          /^\d/.test(each)
            ? `${each} fields where the header has 4; ${ADVICE}`
            : expect.stringMatching(new RegExp(`^${each}`)),
        ),
      );
  });

  it('of the header too: all records have them, or none', () => {
    const header = 'name,email,company,,\n';
    expect(outcome(`${header}Ann,a@x.io,Acme\nBo,b@x.io,Co\n`)).toHaveLength(2);
    expect(outcome(`${header}Ann,a@x.io,Acme,,\nBo,b@x.io,Co,1,2\n`)).toEqual([
      'Ann|a@x.io||Acme',
      'Bo|b@x.io||Co',
    ]);
    expect(outcome(`${header}Ann,a@x.io,Acme, Inc.,\nBo,b@x.io,Co\n`)).toEqual([
      `5 fields where other records have 3; ${ADVICE}`,
      'Bo|b@x.io||Co',
    ]);
  });

  it('are counted only while needed', () => {
    const found = new Survey({ delimiter: ',', maxRecordBytes: 100, rule: customersHeader(undefined) });
    found.push(Buffer.from(`${HEADER}Ann,a@x.io,Acme,\nBo,b@x.io,Co,,,`));
    expect(found.end()).toMatchObject({ totalRows: 2, layout: { fields: 4, lineEnd: 'lf' } });
  });
});

describe('lines of empty values before the header', () => {
  const first = ',,,\n"",""\r\n\n" ", \t,"\n"\n';
  it('are neither records nor header, and keep the line numbers of the others', () => {
    for (const size of [1, 2, 3, 7, 100])
      expect(
        ended(readAll(chunked(Buffer.from(`${first}${HEADER},,,\nBo,b@x.io,Co,1`), size))),
      ).toMatchObject([{ rowNumber: 1, line: 8, values: ['Bo', 'b@x.io', '1', 'Co'] }]);
  });
  it.each([
    ['one', ',,\n', ['skipped a line before the header: only empty fields']],
    ['more', first, ['skipped 3 lines before the header: only empty fields']],
    ['blank', ' \n\t\n', []],
  ])('are reported in a notice: %s', (_, lines, wanted) => {
    const survey = new Survey({ delimiter: ',', maxRecordBytes: 100, rule: customersHeader(undefined) });
    for (const chunk of chunked(Buffer.from(lines + HEADER), 2)) survey.push(chunk);
    expect(survey.end()).toMatchObject({ totalRows: 0, notices: wanted });
  });
});

describe('unnamed columns', () => {
  const notices = (file: string) => {
    const survey = new Survey({ delimiter: ',', maxRecordBytes: 100, rule: customersHeader(undefined) });
    survey.push(Buffer.from(file));
    return survey.end().notices;
  };
  it.each([
    ['with a value', 'name,email,company,\nAnn,a@x.io,Acme,100\n', ['ignored column 4: it has no name']],
    [
      'in a later record',
      'name,email,company,,\nA,a@x.io,C,,\nB,b@x.io,C, ,1\n',
      ['ignored column 5: it has no name'],
    ],
    ['empty', 'name,email,company,\nAnn,a@x.io,Acme, \n', []],
    ['beyond the fields of all records', 'name,email,company,\nAnn,a@x.io,Acme,1\nBo,b@x.io,Co\n', []],
    [
      'between others',
      'name,,email,x,company,\nAnn,,a@x.io,,Acme,1\n',
      ['ignored columns: x', 'ignored columns 2, 6: they have no name'],
    ],
    [
      'empty fields missing from the header',
      `${HEADER}Ann,a@x.io,Acme, Inc.,\nBo,b@x.io,Bo, Ltd,\n`,
      ['every record ends with an empty field more than the header has; ignored'],
    ],
  ])('%s', (_, file, wanted) => expect(notices(file)).toEqual(wanted));
});

describe('a foreign line end', () => {
  const header = 'name,email,company\r\n';
  const good = 'Zoe,z@x.io,Zed';
  it.each([
    [
      'cuts the first field',
      `Ann\nLee,a@x.io,Acme\r\n${good}\r\n`,
      [
        `1 field where the header has 3; the line ends with LF in a file whose lines end with CRLF: ${ADVICE}`,
        piece('LF'),
        'Zoe|z@x.io||Zed',
      ],
    ],
    [
      'cuts the last field',
      `Ann,a@x.io,Acme\rInc.\r\n${good}\r\n`,
      [piece('CR'), `1 field where the header has 3; ${ADVICE}`, 'Zoe|z@x.io||Zed'],
    ],
    ['cuts in the middle', `Ann,a@\nx.io,Acme\r\n${good}`, [/^2 fields/, /^2 fields/, /^Zoe/]],
    ['cuts twice', `A\n\nnn\nLee,a@x.io,Acme\r\n${good}`, [/^1 field/, /^1 field/, /^may be part/, /^Zoe/]],
    ['cuts before an invalid record', `Ann,a@x.io,Ac\nm"e\r\n${good}`, [/^may be part/, /^quote/, /^Zoe/]],
    [
      'cuts after an invalid record',
      `"A,n"n\nLee,a@x.io,Acme\r\n${good}`,
      [/^text after/, /^may be part/, /^Zoe/],
    ],
    ['is between records', `Ann,a@x.io,Acme\n${good}\r\n`, [/^Ann/, /^Zoe/]],
    ['is at the edge of a field', `\nAnn\n,a@x.io,Acme\n \r\n${good}\r\n`, [/^1 field/, /^name/, /^Zoe/]],
    ['is the last one of the file', `${good}\nAnn`, [/^may be part/, /^1 field/]],
    ['has a delimiter after it', `Ann,a@x.io,1\nx,2\r\n${good}\r\n`, [piece('LF'), /^2 fields/, /^Zoe/]],
    [
      'has as many delimiters after it as a record',
      `Ann,a@x.io,1\nx,y,z\n\rp,q,r\r\n${good}`,
      [piece('LF'), /^email/, /^email/, /^Zoe/],
    ],
    ['has delimiters before it', `a,b,c\nAnn,a@x.io,Acme\r\n${good}`, [/^email/, piece('LF'), /^Zoe/]],
    ['has an invalid byte after it', `Ann,a@x.io,1\nx\0,b@x.io,C\r\n${good}`, [piece('LF'), /^NUL/, /^Zoe/]],
    ['is followed by a blank line', `Ann\n\r\nLee,a@x.io,Acme\r\n${good}`, [/^1 field/, /^Lee/, /^Zoe/]],
    ['in quotes', `"Ann\nLee",a@x.io,Acme\r\n${good}`, ['Ann\nLee|a@x.io||Acme', /^Zoe/]],
  ])('%s', (_, records, wanted) => {
    expect(outcome(header + records)).toEqual(
      wanted.map((each) => (typeof each === 'string' ? each : expect.stringMatching(each))),
    );
  });

  it.each([
    ['LF and CRLF', '\n', '\r\n'],
    ['CRLF and LF', '\r\n', '\n'],
    ['CR and LF', '\r', '\n'],
    ['LF and CR', '\n', '\r'],
  ])('two files in one, %s: all records load', (_, one, other) => {
    const part = (from: number, count: number, end: string) =>
      Array.from({ length: count }, (_, at) => `N,n${from + at}@x.io,C${end}`).join('');
    for (const counts of [
      [3, 5],
      [5, 3],
      [1, 250],
    ] as const) {
      const file = `name,email,company${one}${part(0, counts[0], one)}${part(1000, counts[1], other)}`;
      expect(outcome(file).every((each) => each.startsWith('N|'))).toBe(true);
    }
  });

  it('ends the records in a long stretch of the file that uses it', () => {
    const foreign = (count: number) =>
      Array.from({ length: count }, (_, at) => (at === 1 ? 'N,nobody,C\n' : `N,n${at}@x.io,C\n`)).join('');
    const file = (count: number) => `${header}${foreign(count)}${good}\r\n`;
    const loaded = (count: number) => outcome(file(count)).filter((each) => each.startsWith('N|')).length;
    expect(loaded(99)).toBe(96);
    expect(layoutOf(text(file(99)))).toEqual({ fields: 3, lineEnd: 'crlf', strayLineEnds: true });
    expect(loaded(100)).toBe(99);
    expect(layoutOf(text(file(100)))).toEqual({ fields: 3, lineEnd: 'crlf' });
    expect(layoutOf(text(file(99) + foreign(99) + good))).toMatchObject({ strayLineEnds: true });
    // A long stretch of both other kinds counts too.
    const both = `${header}${good}\r\n${foreign(60)}${foreign(60).replaceAll('\n', '\r')}${good}`;
    expect(layoutOf(text(both))).toEqual({ fields: 3, lineEnd: 'crlf' });
  });

  it('is identified by the header, or by most records if hardly any ends like the header', () => {
    const own = (file: string) => layoutOf(text(file)).lineEnd;
    expect(own('name,email,company')).toBeUndefined();
    expect(own('name,email,company\r\nAnn\nLee,a@x.io,Acme')).toBe('crlf');
    expect(own(`name,email,company\r\n${'a\nb\nc\r\n'.repeat(100)}`)).toBe('crlf');
    expect(own(`name,email,company\n${'N,n@x.io,C\r\n'.repeat(98)}`)).toBe('lf');
    expect(own(`name,email,company\n${'N,n@x.io,C\r\n'.repeat(101)}`)).toBe('crlf');
    expect(own(`name,email,company\n"a\r\nb\r\nc",n@x.io,C\n`)).toBe('lf');
  });

  const word = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'é'), minLength: 1, maxLength: 5 });
  const records = fc.array(fc.tuple(word, word, word), { minLength: 1, maxLength: 6 });
  const cuts = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 1, maxLength: 5 });
  const kinds = ['\n', '\r\n', '\r'] as const;

  it('never lets part of a record load, at any position, in any chunks and from any checkpoint', () => {
    let pieces = 0;
    fc.assert(
      fc.property(
        fc.nat(2),
        records,
        cuts,
        splits,
        fc.integer({ min: 1, max: 3 }),
        (kind, made, places, sizes, batchRows) => {
          const own = kinds[kind]!;
          const lines = made.map(([name, company, note], row) => `n${name},u${row}@x.io,c${company},${note}`);
          const cut = [...lines];
          for (const [row, at, which] of places) {
            const line = cut[row % cut.length]!;
            // Next to other line ends, CR and LF would form the file's own.
            const place = 1 + (at % (line.length - 1));
            if (/[\r\n]/.test(line.slice(place - 1, place + 1))) continue;
            const foreign = kinds[(kind + 1 + (which % 2)) % 3]!;
            cut[row % cut.length] = line.slice(0, place) + foreign + line.slice(place);
          }
          // Company is the second to last: a cut note is ignored, a cut company must not be.
          const file = Buffer.from(['name,email,company,note', ...cut, ''].join(own));
          const options = { batchRows };
          const layout = layoutOf([file], options);
          const batches = readAll([file], { ...options, layout });
          const loaded = ended(batches).flatMap(({ values }) => (values ? [values] : []));
          const whole = made.map(([name, company], row) => [
            `n${name}`.trim(),
            `u${row}@x.io`,
            null,
            `c${company}`.trim(),
          ]);
          for (const values of loaded) expect(whole).toContainEqual(values);
          for (const [row, line] of lines.entries())
            if (cut[row] === line) expect(loaded).toContainEqual(whole[row]);
          pieces += ended(batches).filter(({ reject }) => reject?.message.startsWith('may be part')).length;

          expect(contents(readAll(splitBy(file, sizes), { ...options, layout }))).toEqual(contents(batches));
          const first = batchReader({ ...OPTIONS, ...options, emails: new KeyFilter(1), layout });
          for (const _ of first.push(file));
          for (const [index, { checkpoint }] of batches.entries()) {
            const rest = splitBy(file.subarray(checkpoint.byteOffset), sizes);
            const resumed = readAll(rest, { ...options, layout, checkpoint, header: first.header! });
            expect(contents(resumed)).toEqual(contents(batches.slice(index + 1)));
          }
        },
      ),
      { numRuns: sized(100, 1_000) },
    );
    expect(pieces).toBeGreaterThan(sized(10, 100));
  });

  const noise = fc.string({ unit: fc.constantFrom('a', 'é', ' ', ',', 'a"', '\n', '\r'), maxLength: 12 });

  it('never lets part of a value load, whatever foreign line ends, delimiters and quotes it contains', () => {
    let pieces = 0;
    fc.assert(
      fc.property(
        fc.nat(2),
        fc.array(fc.tuple(noise, noise, noise, fc.boolean()), { minLength: 1, maxLength: 6 }),
        splits,
        fc.integer({ min: 1, max: 3 }),
        (kind, made, sizes, batchRows) => {
          const own = kinds[kind]!;
          const foreignOnly = (value: string) =>
            own === '\r\n'
              ? value.replaceAll(/\r+(?=\n)/g, '')
              : value.replaceAll(own, kinds[(kind + 1) % 3 === 1 ? 2 : 0]!);
          // Letters at both ends, so that no value adds its line end to the record's own, and none is
          // empty.
          const value = (text: string) => `x${foreignOnly(text)}x`;
          const records = made.map(([name, company, phone, clean], row) =>
            clean
              ? ['n', `u${row}@x.io`, 'c', '1']
              : [value(name), `u${row}@x.io`, value(company), value(phone)],
          );
          const file = Buffer.from(
            ['name,email,company,phone', ...records.map((each) => each.join(',')), ''].join(own),
          );
          const options = { batchRows };
          const layout = layoutOf([file], options);
          const batches = readAll([file], { ...options, layout });
          const loaded = ended(batches).flatMap(({ values }) => (values ? [values] : []));
          const whole = records.map(([name, email, company, phone]) => [name, email, phone, company]);
          for (const values of loaded) expect(whole).toContainEqual(values);
          for (const [row, [, , , clean]] of made.entries())
            if (clean) expect(loaded).toContainEqual(whole[row]);
          pieces += ended(batches).filter(({ reject }) => reject?.message.startsWith('may be part')).length;

          expect(contents(readAll(splitBy(file, sizes), { ...options, layout }))).toEqual(contents(batches));
          const first = batchReader({ ...OPTIONS, ...options, emails: new KeyFilter(1), layout });
          for (const _ of first.push(file));
          for (const [index, { checkpoint }] of batches.entries()) {
            const rest = splitBy(file.subarray(checkpoint.byteOffset), sizes);
            const resumed = readAll(rest, { ...options, layout, checkpoint, header: first.header! });
            expect(contents(resumed)).toEqual(contents(batches.slice(index + 1)));
          }
        },
      ),
      // A hundred have 17 pieces on average, and 10 or fewer in one run of twenty or so.
      { numRuns: sized(200, 1_000) },
    );
    expect(pieces).toBeGreaterThan(sized(10, 100));
  });
});

function contents(batches: readonly Batch[]) {
  return batches.map((batch) => ({ records: ended([batch]), checkpoint: batch.checkpoint }));
}
