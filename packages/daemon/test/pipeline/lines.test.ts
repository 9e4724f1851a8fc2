/**
 * Lines that are no records (above the header, behind the data, in between), and records that lack their end.
 *
 * @module-tag sized
 */
import type { FileDialect } from '@csvjobs/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyHeader } from '../../src/pipeline/anyHeader.js';
import { KeyFilter } from '../../src/pipeline/batch/keyFilter.js';
import { findDelimiter } from '../../src/pipeline/decode/delimiter.js';
import { customersHeader } from '../../src/pipeline/headerRule.js';
import { noticeTexts } from '../../src/pipeline/notice.js';
import { batchReader } from '../../src/pipeline/reader.js';
import { Survey } from '../../src/pipeline/survey.js';
import { sized } from '../support/form.js';
import { splitBy, splits } from './support/arbitrary.js';
import { chunked, ended, OPTIONS, readAll } from './support/run.js';

const RULE = customersHeader(undefined);

function surveyed(
  text: string,
  dialect: FileDialect = {},
  delimiter = ',',
  size = text.length > 1_000 ? 100_000 : 7,
) {
  const survey = new Survey({ delimiter, dialect, maxRecordBytes: 1_000, rule: RULE });
  for (const chunk of chunked(Buffer.from(text), size)) survey.push(chunk);
  return survey.end();
}

/** The names of the loaded records, the messages of the others; and the notices for the file. */
function outcome(text: string, dialect: FileDialect = {}, delimiter = ',') {
  const { layout, notices, totalRows } = surveyed(text, dialect, delimiter);
  const all = ended(readAll(chunked(Buffer.from(text), 7), { layout, dialect, delimiter }));
  expect(all).toHaveLength(totalRows);
  const records = all.map(({ values, reject }) => values?.[0] ?? reject!.message);
  return { records, notices: noticeTexts(notices), layout };
}

const HEADER = 'name,email,company,phone\n';
const GOOD = 'Ann,ann@x.io,Acme,1\nBo,bo@x.io,Co,2\n';

describe('above the header', () => {
  it.each<[string, string, string[]]>([
    ['a title', `Table 1,,,\n${HEADER}${GOOD}`, ['skipped 1 line before the header: "Table 1"']],
    [
      'titles and blank lines',
      `"Example Co, LLC",,,\nCustomer List,,,\n\n${HEADER}${GOOD}`,
      ['skipped 2 lines before the header: "Example Co, LLC", "Customer List"'],
    ],
    [
      'notes with line ends and invalid quotes',
      `Notes:\n"a, b\nc"\nsay "x" ,\n,,,\n${HEADER}${GOOD}`,
      ['skipped 3 lines before the header: "Notes:", "a, b c", "say \\"x\\" ,"'],
    ],
    ['sep=', `sep=,\n${HEADER}${GOOD}`, ['skipped 1 line before the header: "sep="']],
  ])('%s: skipped with a notice', (_, text, wanted) => {
    const { records, notices } = outcome(text);
    expect(records).toEqual(['Ann', 'Bo']);
    expect(notices).toEqual(wanted);
  });

  it.each([
    ['a record', 'Ann,ann@x.io,Acme\n', 'Line 2 is a header, but line 1 above it may be a record'],
    ['a record with two of the three values', 'Ann,ann@x.io\n', 'line 1 above it may be a record'],
    ['another header', 'name,email\nZoe,z@x.io\n', 'line 1 above it may be a record or another header'],
  ])('%s: refused, with the option that skips it', (_, above, message) => {
    const file = `${above}name,email,company\nBo,bo@x.io,Co\n`;
    const lines = above.split('\n').length - 1;
    expect(() => surveyed(file)).toThrow(message);
    expect(() => surveyed(file)).toThrow(`add --skip-lines ${lines}.`);
    expect(outcome(file, { skipLines: lines }).records).toEqual(['Bo']);
  });

  it('a refusal is about the likeliest of several invalid lines', () => {
    const title = 'Customer List,,\nx,y,z\n';
    expect(() => surveyed(`${title}name,email,fone\nAnn,ann@x.io,1\n`)).toThrow(
      /^Line 3 looks most like a header. missing columns: company; found: name, email, fone/,
    );
    expect(() => surveyed('full,mail\nAnn,ann@x.io\n')).toThrow(
      /^missing columns: name, company; found: full, mail/,
    );
    expect(() => surveyed('a,b\n1,2,3\n4,5,6\n')).toThrow(/^missing columns: .*; found: a, b/);
    expect(() => surveyed('List\n\na,b,c\n1,2,3\n')).toThrow(/^Line 3 looks most like a header. missing/);
    expect(() => surveyed('na"me,email,company\nAnn,ann@x.io,Acme\n')).toThrow(
      /cannot be read: line 1: quote/,
    );
  });

  it('is searched for in the first records only', () => {
    const titles = (count: number) => 'a title\n'.repeat(count);
    expect(outcome(titles(29) + HEADER + GOOD).records).toHaveLength(2);
    expect(() => surveyed(titles(30) + HEADER + GOOD)).toThrow('missing columns');
  });

  it('without names to search for, is the first record that is not a title', () => {
    const names = (text: string) => {
      const survey = new Survey({ delimiter: ',', maxRecordBytes: 1_000, rule: anyHeader });
      survey.push(Buffer.from(text));
      const { header, layout, totalRows } = survey.end();
      return [header.names.join('|'), layout.headerLine, totalRows];
    };
    expect(names('a,b,c\n1,2,3\n')).toEqual(['a|b|c', undefined, 1]);
    expect(names('Table 1,,\na,b,c\n1,2,3\n')).toEqual(['a|b|c', 2, 1]);
    expect(names('Report\nby,me\n\na,b,c,d,e\n1,2,3,4,5\n1,2,3,4,5\n')).toEqual(['a|b|c|d|e', 4, 2]);
    expect(names('a\n1\n2\n')).toEqual(['a', undefined, 2]);
    expect(names('a,b\n1,2,3\n4,5,6\n')).toEqual(['a|b', undefined, 2]);
  });
});

describe('header options', () => {
  it('several lines, whose names are joined', () => {
    const file = 'Contact,,Firm,\nname,email,company,phone\nAnn,ann@x.io,Acme,1\n';
    expect(outcome(file, { headerRows: [2] }).records).toEqual(['Ann']);
    const two = 'full,e,com\nname,mail,pany\n\nAnn,ann@x.io,Acme\n';
    expect(outcome(two, { headerRows: [1, 2], headerJoin: '' }).records).toEqual(['Ann']);
    expect(
      outcome('full,email,company\nname,email,\nAnn,ann@x.io,Acme\n', { headerRows: [1, 2] }).records,
    ).toEqual(['Ann']);
    expect(() => surveyed(file, { headerRows: [9] })).toThrow('no row starts on line 9');
    expect(() => surveyed(`\n${file}`, { headerRows: [1, 2] })).toThrow('no row starts on line 1');
  });

  it('no header', () => {
    const columns = ['email', 'name', 'company'];
    expect(outcome('ann@x.io,Ann,Acme\n', { columns }).records).toEqual(['Ann']);
    expect(surveyed('', { columns })).toMatchObject({ totalRows: 0 });
  });
});

describe('the first line of a file without a header', () => {
  const columns = ['name', 'email', 'company'];

  it('is not a record if it names the delimiter', () => {
    const { records, notices } = outcome('sep=;\r\nAnn;ann@x.io;Acme\r\n', { columns }, ';');
    expect(records).toEqual(['Ann']);
    expect(notices).toEqual(['skipped the first line, which names the delimiter (sep=)']);
    expect(outcome('Ann,ann@x.io,Acme\nsep=;,b@x.io,C\n', { columns }).records).toEqual(['Ann', 'sep=;']);
  });

  it('is a record where it has dashes', () => {
    expect(outcome('---,ann@x.io,---\n', { columns }).records).toEqual(['---']);
  });
});

describe('a line of dashes', () => {
  it('below the header is skipped, in any chunks; after other records it is a record', () => {
    const { records, layout } = outcome(`${HEADER}---,---,---,---\n${GOOD}`);
    expect(records).toEqual(['Ann', 'Bo']);
    expect(layout.ruleLine).toBe(true);
    expect(outcome(`${HEADER}${GOOD}---,---,---,---\nCy,cy@x.io,C,1\n`).records).toHaveLength(4);
    expect(outcome(`${HEADER}--,--,--,--\n${GOOD}`).records).toHaveLength(3);
  });
});

it('more lines are skipped than the file has', () => {
  expect(() => surveyed(HEADER + GOOD, { skipLines: 99 })).toThrow(
    /^--skip-lines 99 .* leaves out all lines/,
  );
});

it('lines above the header are shown in full, with the option that skips them', () => {
  const title = 'x'.repeat(200);
  const { notices } = surveyed(`${title}\n${'a note\n'.repeat(9)}${HEADER}${GOOD}`);
  expect(notices).toEqual([
    {
      assumed: `skipped 10 lines before the header: "${title}"${', "a note"'.repeat(9)}`,
      option: '--skip-lines 10',
    },
  ]);
});

describe('records without a value', () => {
  it('are skipped like blank lines, and counted', () => {
    const { records, notices } = outcome(`${HEADER},,,\n${GOOD}"","", ,\t\n;,,\n,",",,\n`);
    expect(records.slice(0, 2)).toEqual(['Ann', 'Bo']);
    expect(records).toHaveLength(4);
    expect(notices).toEqual(['skipped 2 empty records']);
    expect(outcome(`${HEADER}${GOOD},,,\n`).notices).toEqual(['skipped 1 empty record']);
  });

  it('are records in a file of one column', () => {
    const survey = new Survey({ delimiter: ',', maxRecordBytes: 100, rule: anyHeader });
    survey.push(Buffer.from('a\n""\n1\n,\n'));
    expect(survey.end()).toMatchObject({ totalRows: 3, notices: [] });
  });
});

describe('after the records', () => {
  it.each<[string, string, string]>([
    [
      'a total, a note and a copyright',
      '\n\n"Grand Totals (2 records)"\n\n"Confidential Information - Do Not Distribute"\n"Copyright (c) 2026 x.com, inc."\n',
      'skipped 3 lines after the records: "Grand Totals (2 records)", "Confidential Information - Do Not Distribute", "Copyright (c) 2026 x.com, inc."',
    ],
    [
      'a date after blank lines',
      '\n\n" Wednesday, 01:46 PM",,,\n',
      'skipped 1 line after the records: "Wednesday, 01:46 PM"',
    ],
    ['a date after an empty record', ',,,\n"Monday",,,\n', 'skipped 1 line after the records: "Monday"'],
    ['a total without a gap', 'Total,,,2\n', 'skipped 1 line after the records: "Total 2"'],
    [
      'a total with the maximum number of values',
      'Total,,2,\n',
      'skipped 1 line after the records: "Total 2"',
    ],
    ['a count', '(2 rows)\n', 'skipped 1 line after the records: "(2 rows)"'],
    ['a total in German', 'Gesamt: 2\n', 'skipped 1 line after the records: "Gesamt: 2"'],
  ])('%s: skipped with a notice', (_, footer, notice) => {
    const { records, notices } = outcome(HEADER + GOOD + footer);
    expect(records).toEqual(['Ann', 'Bo']);
    expect(notices).toContain(`${notice}; to read them as records, add --footer 0`);
    expect(outcome(HEADER + GOOD + footer, { footer: 0 }).records.length).toBeGreaterThan(2);
  });

  it.each([
    ['a record with only a name', 'Cy,,,\n', 1],
    ['a truncated record', 'Cy,cy@x', 1],
    ['a last record after a gap, in a file with others', '\nDi,di@x.io,Co,1\n\nCy\n', 2],
    ['a part after a foreign line end: without it the other part would load', 'xx,u@x.io,xx,x\r\rx\n', 2],
    ['a last record with another delimiter, after a gap', '\nE;e@x.io;F;3\n', 1],
    ['a last record in invalid quotes, after a gap', '\n"Bob ""B"" Smith, bob@x.io"\n', 1],
    ['a company whose name begins like a total', 'Total Fina Elf,t@x.io,,\n', 1],
    ['a word that begins like the German for total', 'Gesamtverband Metall,info,,\n', 1],
    ['more lines than a footer has', `\n${'note\n'.repeat(9)}`, 9],
    ['a valid one', 'Total,info@total.fr,Total SA,1\n', 1],
    ['a word that only begins like a total', 'Totally,,,\n', 1],
    ['a total and then a line that is too long', `Total,,,2\n${'x'.repeat(20_000)}\n`, 2],
    ['a total and then an open quote', `Total,,,2\n"${'x'.repeat(500)}\n`, 2],
    ['a total and then more blank lines than are remembered', `Total,,,2\n${' \n'.repeat(9_000)}`, 1],
    ['notes and then a record', '\nnote\nCopyright x\nCy,cy@x.io,Co,1\n', 3],
  ])('%s: stays', (_, rest, more) => {
    const { records, layout } = outcome(HEADER + GOOD + rest);
    expect(records).toHaveLength(2 + more);
    expect(layout.footerLine).toBeUndefined();
  });

  it('names the option that skips a valid record that looks like a footer', () => {
    const file = 'company,name,email\nAcme,Ann,ann@x.io\nTotal,Bo,bo@x.io\n';
    expect(outcome(file).notices).toEqual([]);
    const survey = new Survey({
      delimiter: ',',
      maxRecordBytes: 100,
      rule: Object.assign((cells: readonly string[], delimiter: string) => RULE(cells, delimiter), {
        ...RULE,
        wanted: RULE.wanted,
        nameless: RULE.nameless,
        isSound: () => () => true,
      }),
    });
    survey.push(Buffer.from(`${HEADER}${GOOD}Total,,,2\n`));
    expect(survey.end()).toMatchObject({
      totalRows: 3,
      notices: ['the last line may be a footer: "Total 2"; to leave out what is no record, add --footer 1'],
    });
  });

  it('as many lines as --footer says, not counting blank ones', () => {
    const file = `${HEADER}${GOOD}\nx\n\n"y\nz"\n\n`;
    expect(outcome(file, { footer: 2 }).records).toEqual(['Ann', 'Bo']);
    const long = `${HEADER}${'Ann,ann@x.io,Acme,1\n'.repeat(500)}${'note\n'.repeat(300)}`;
    expect(surveyed(long, { footer: 300 })).toMatchObject({ totalRows: 500, layout: { footerLine: 502 } });
  });

  it.each<[string, string, number, string[]]>([
    ['joined to a footer', 'Cy,cy@x.io,Co,3Total', 1, ['Cy']],
    ['joined to the first of two lines', 'Cy,cy@x.io,Co,3Total\nCopyright x\n', 2, ['Cy']],
    ['joined, with its end missing', 'Cy,cy@x.io,CoTotal\n', 1, ['Cy']],
    ['joined, with a fault of its own', 'Cy,nobody,Co,3Total', 1, ['Cy']],
    ['joined, in invalid quotes', 'Cy,cy@x.io,"Co"x,3Total', 1, ['quote']],
    ['that is the last line now', 'Cy,cy@x.io,Co,3\n', 1, ['Cy']],
    ['whose name begins like a total', 'Total,info@total.fr,Total SA,1\n', 1, ['Total']],
    ['whose rest is in the footer', 'Cy,cy@x.io,C\no,3Total\n', 1, ['beside', 'o,3Total']],
    ['among several footer lines', 'Cy,cy@x.io,Co,3\nDi,di@x.io,Co,4\nTotal\n', 3, ['Cy', 'Di']],
  ])('a record is rejected, not skipped: %s', (_, rest, footer, rejected) => {
    const { records, layout } = outcome(HEADER + GOOD + rest, { footer });
    expect(records.slice(0, 2)).toEqual(['Ann', 'Bo']);
    expect(records.slice(2)).toEqual(
      rejected.map((text) =>
        expect.stringMatching(
          text === 'quote'
            ? /^text after/
            : text === 'beside'
              ? /it may be part of it/
              : /^one of the last lines/,
        ),
      ),
    );
    expect(layout.doubtfulLine).toBeDefined();
  });

  it.each<[string, string, number]>([
    ['a word of footers with most values', 'Total,2,3,4\n', 1],
    ['prose with commas', 'This list is secret, internal, old, and not complete\n', 1],
    ['a date', 'Mon,4 May\n', 1],
    ['one value', 'Mon\n', 1],
    ['sums without a word', ',,3,4\n', 1],
  ])('--footer skips: %s', (_, rest, footer) => {
    const { records, layout } = outcome(HEADER + GOOD + rest, { footer });
    expect(records).toEqual(['Ann', 'Bo']);
    expect(layout).toMatchObject({ footerLine: 4 });
    expect(layout.doubtfulLine).toBeUndefined();
  });
});

describe('records without their last fields', () => {
  it.each<[string, string[], (string | RegExp)[]]>([
    ['the only record', ['Gus,g@x.io,N'], ['Gus']],
    ['all records', ['Gus,g@x.io,N', 'Hal,h@x.io,N'], ['Gus', 'Hal']],
    ['one among complete ones', ['Ann,a@x.io,A,1', 'Gus,g@x.io,N', 'Bo,b@x.io,B,2'], ['Ann', 'Gus', 'Bo']],
    ['a required one is missing', ['Gus,g@x.io'], [/^2 fields where the header has 4/]],
    ['invalid values', ['Gus,nobody,N'], [/^3 fields where the header has 4/]],
    [
      'cut in two',
      ['Ann,a@x.io,Ac', 'me,1', 'Bo,b@x.io,B,2'],
      [/beside a record that is rejected/, /^2 fields/, 'Bo'],
    ],
    [
      'cut in two, with a delimiter after the line end',
      ['Ann,a@x.io,Acme', 'Street 1, 12345 Town,555'],
      [/beside a record that is rejected/, /^3 fields/],
    ],
    ['after its first part', ['Old', 'Ann,a@x.io,Acme', 'Bo,b@x.io,B,2'], [/^1 field /, /beside/, 'Bo']],
    ['before an invalid one', ['Ann,a@x.io,Acme', 'B"o,b@x.io,B,2'], [/beside/, /^quote/]],
  ])('%s', (_, lines, wanted) => {
    const { records } = outcome(HEADER + lines.join('\n'));
    expect(records).toEqual(
      wanted.map((each) => (typeof each === 'string' ? each : expect.stringMatching(each))),
    );
  });

  it('are reported in a notice', () => {
    expect(surveyed(`${HEADER}Gus,g@x.io,N\n`).notices).toEqual([
      '1 record lacks fields at its end; where these are optional, they are read as empty',
    ]);
    expect(surveyed(HEADER + GOOD).notices).toEqual([]);
  });

  const cell = fc.constantFrom('n', 'a@x.io', 'b@x.io', '', 'nobody', '1');
  const line = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom('Ann,ann@x.io,Acme', 'Bo,bo@x.io,Co,1') },
    fc.constantFrom('Cy', 'Di,di', 'E"x', '', ',,,'),
    fc.array(cell, { minLength: 1, maxLength: 5 }).map((cells) => cells.join(',')),
  );

  it('never load next to a rejected record, in any chunks and from any checkpoint', () => {
    let short = 0;
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 10 }),
        splits,
        fc.integer({ min: 1, max: 3 }),
        (lines, sizes, batchRows) => {
          const file = Buffer.from(`${HEADER}${lines.join('\n')}\n`);
          const { layout, totalRows } = surveyed(file.toString(), { footer: 0 });
          const options = { batchRows, layout };
          const batches = readAll([file], options);
          const all = ended(batches);
          expect(all).toHaveLength(totalRows);
          for (const [at, { values, line: number }] of all.entries()) {
            const text = lines[number - 2]!;
            if (!values || text.split(',').length > 3) continue;
            short++;
            for (const neighbour of [all[at - 1], all[at + 1]])
              if (neighbour?.reject)
                expect(neighbour.reject.message).toMatch(/beside a record that is rejected/);
          }
          const contents = (some: typeof batches) =>
            some.map((batch) => ({ records: ended([batch]), checkpoint: batch.checkpoint }));
          expect(contents(readAll(splitBy(file, sizes), options))).toEqual(contents(batches));
          const first = batchReader({ ...OPTIONS, ...options, emails: new KeyFilter(1) });
          for (const _ of first.push(file));
          for (const [index, { checkpoint }] of batches.entries()) {
            const rest = splitBy(file.subarray(checkpoint.byteOffset), sizes);
            const resumed = readAll(rest, { ...options, checkpoint, header: first.header! });
            expect(contents(resumed)).toEqual(contents(batches.slice(index + 1)));
          }
        },
      ),
      { numRuns: sized(130, 1_500) },
    );
    expect(short).toBeGreaterThan(sized(16, 200));
  });
});

describe('the delimiter', () => {
  it.each([
    ['sep=', 'sep=;\r\na,b;c,d\r\n', ';'],
    ['sep= in quotes', '"sep=|"\na,b|c,d\n', '|'],
    ['sep= of a tab', 'sep=\t\na,b\tc\n', '\t'],
    ['titles with other delimiters', 'Report, of, all, things\n\nname;email;company\nA;a@b.de;C\n', ';'],
    ['a title in words', 'sep=words are no delimiter\nname;email;company\n', ';'],
  ])('%s', (_, text, wanted) => expect(findDelimiter(text, RULE.known)).toBe(wanted));

  it('of a table other than customers, by its columns', () => {
    const known = (cells: readonly string[]) => cells.filter((cell) => ['id', 'net'].includes(cell)).length;
    expect(findDelimiter('x;y;z,id,net\n1;2;3,4,5\n', known)).toBe(',');
    expect(findDelimiter('id;net;a, b, c, d, e\n1;2;3\n', known)).toBe(';');
    expect(findDelimiter('a title, with, commas, in, it\nx;y\n1;2\n3;4\n', undefined)).toBe(';');
  });
});
