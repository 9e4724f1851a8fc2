/**
 * Rejected records as a file: whatever they are, none vanishes, doubles or merges with a neighbour when it is read again.
 *
 * @module-tag sized
 */
import type { Source } from '@csvjobs/shared';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyFilter } from '../../../src/pipeline/batch/keyFilter.js';
import { type OriginalRecord, originalFile } from '../../../src/pipeline/fixes/originalText.js';
import { customersHeader } from '../../../src/pipeline/headerRule.js';
import { batchReader } from '../../../src/pipeline/reader.js';
import { Survey } from '../../../src/pipeline/survey.js';
import { sized } from '../../support/form.js';
import { csvText, damaged } from '../support/arbitrary.js';
import { copyRows, OPTIONS, reportRows } from '../support/run.js';

interface ReadFile {
  source: Source;
  header: string;
  /** The number of loaded or rejected records. */
  records: number;
  /** The values of the loaded records. */
  loaded: (string | null)[][];
  rejected: OriginalRecord[];
}

function read(text: Uint8Array | string, maxRecordBytes = 100_000): ReadFile {
  const bytes = Buffer.from(text);
  const rule = customersHeader(undefined);
  const survey = new Survey({ delimiter: ',', maxRecordBytes, rule });
  survey.push(bytes);
  const { layout, header, headerText } = survey.end();
  const reader = batchReader({
    ...OPTIONS,
    maxRecordBytes,
    emails: new KeyFilter(1_000),
    layout,
    rule,
    header,
  });
  const batches = [...reader.push(bytes), ...reader.end()];
  const loaded = batches.flatMap(({ direct, suspects }) => [
    ...copyRows(direct.copy),
    ...copyRows(suspects.copy),
  ]);
  const rejected = batches.flatMap(({ rejects }) =>
    reportRows(rejects.copy).map(({ line, code, message, original }) => ({ line, code, message, original })),
  );
  const source = { encoding: 'utf-8', delimiter: ',', compression: 'none' as const, ...layout };
  const records = loaded.length + rejected.length;
  loaded.sort((a, b) => a.rowNumber - b.rowNumber);
  return { source, header: headerText, records, loaded: loaded.map(({ values }) => values), rejected };
}

function written({ source, header, rejected }: ReadFile, safe: boolean): Buffer {
  const file = originalFile(source, header, safe);
  return Buffer.concat([Buffer.from(file.header()), ...rejected.map((each) => file.record(each))]);
}

/** The file of a text, if readable. */
function tried(text: Uint8Array): ReadFile | undefined {
  try {
    return read(text);
  } catch {
    return undefined;
  }
}

const RUNS = { numRuns: sized(60, 1_500) };
const texts = fc.oneof(csvText, damaged);

describe('the rejected records of a file', () => {
  it('are as many when read again, and each has the same beginning', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const before = tried(text);
        if (before === undefined) return;
        const after = read(written(before, false));
        expect(after.records).toBe(before.rejected.length);
        const originals = before.rejected.map(({ original }) => original.toString('latin1'));
        for (const { line, original } of after.rejected) {
          const known = originals.findIndex((each) => original.toString('latin1').startsWith(each));
          expect(known, `line ${line}`).not.toBe(-1);
          originals.splice(0, known + 1);
        }
      }),
      RUNS,
    );
  });

  it('stay the same after any number of rounds', () => {
    fc.assert(
      fc.property(texts, fc.boolean(), fc.boolean(), (text, first, second) => {
        const before = tried(text);
        if (before === undefined) return;
        const once = read(written(before, first));
        const twice = read(written(once, second));
        // Valid on its own: its neighbour was at fault, or has its e-mail.
        if (once.loaded.length > 0) return;
        expect(twice.records).toBe(once.rejected.length);
        // The spreadsheet format uses other quotes; the original quotes are restored then.
        const back = written(twice, false)
          .toString('latin1')
          .replaceAll(/,\d+,"(?:[^"]|"")*"(?=[\r\n])/g, '');
        const wanted = written(before, false)
          .toString('latin1')
          .replaceAll(/,\d+,"(?:[^"]|"")*"(?=[\r\n])/g, '');
        if (!first && !second) expect(back).toBe(wanted);
      }),
      RUNS,
    );
  });

  it('have the same values in a spreadsheet, which evaluates none of them', () => {
    const cells = fc.array(
      fc.stringMatching(/^[=+\-@'"a,\n ]{0,4}$/).map((cell) => cell.replaceAll('\r', '')),
      { minLength: 3, maxLength: 3 },
    );
    fc.assert(
      fc.property(fc.array(cells, { minLength: 1, maxLength: 4 }), (rows) => {
        // A load strips from a phone number the apostrophe that a spreadsheet has left (validate/tidy.ts).
        fc.pre(rows.every(([, phone]) => !/^\s*'[+=]/.test(phone!)));
        // No address is valid, so all are rejected; once fixed in the spreadsheet's file, all are loaded.
        const quoted = (cell: string) => `"${cell.replaceAll('"', '""')}"`;
        const lines = rows.map(([name, phone, company], at) =>
          [`n${name}`, `NONE${at}`, `${phone}`, `${company}c`].map(quoted).join(','),
        );
        const before = read(`name,email,phone,company\n${lines.join('\n')}\n`);
        const safe = written(before, true).toString();
        for (const line of before.rejected) expect(line.code).toBe('email_invalid');
        const after = read(safe.replaceAll(/NONE(\d+)/g, 'x$1@b.example'));
        expect(after.loaded.map(([name, , phone, company]) => [name, phone, company])).toEqual(
          rows.map(([name, phone, company]) => [
            `n${name}`.trim(),
            phone!.trim() || null,
            `${company}c`.trim(),
          ]),
        );
      }),
      RUNS,
    );
  });

  it('are not loaded if only their beginning is kept', () => {
    const long = 'x'.repeat(10_000);
    for (const record of [
      `Ann,a@b.example,1,${long}`,
      `Ann,a@b.example,1,"${long}`,
      `"${long}""",a@b.example,1,c`,
    ]) {
      const before = read(`name,email,phone,company\n${record}\n`, 9_000);
      expect(before.rejected).toMatchObject([{ code: 'record_too_long' }]);
      for (const safe of [false, true]) {
        const after = read(written(before, safe), 100_000);
        expect([after.records, after.loaded]).toEqual([1, []]);
      }
    }
  });

  it('keep their columns if the header has more or fewer fields', () => {
    for (const [header, record] of [
      ['name,email,company', 'Ann,none,Acme,'],
      ['name,email,company,,', 'Ann,none,Acme'],
    ]) {
      const before = read(`${header}\n${record}\n${record}\n`);
      expect(before.rejected).toMatchObject([{ code: 'email_invalid' }, { code: 'email_invalid' }]);
      for (const safe of [false, true]) {
        const text = written(before, safe).toString().replace('none', 'a@b.example');
        const after = read(text);
        expect(after.loaded).toEqual([['Ann', 'a@b.example', null, 'Acme']]);
        expect(after.rejected).toHaveLength(1);
      }
    }
  });
});
