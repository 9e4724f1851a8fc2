/** How the reading thread handles records: which path each takes, and which batch must wait. */
import type { Spec, Target } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';
import { START } from '../../../src/pipeline/checkpoint.js';
import { targetHeader } from '../../../src/pipeline/headerRule.js';
import { binaryRows, keptRecord } from '../../../src/pipeline/keptRecords.js';
import { Reader } from '../../../src/pipeline/reader.js';
import type { TargetBatch } from '../../../src/pipeline/target/targetBatch.js';
import { TargetSink } from '../../../src/pipeline/target/targetSink.js';
import type { RowsApart } from '../../../src/sql/target/sideBySide.js';
import { columnOf, targetOf } from '../../rows/targets.js';
import { copyLines, OPTIONS, reportRows } from '../support/run.js';

const target = targetOf(columnOf('a', 'integer'), columnOf('b', 'numeric'));

function batchesOf(
  text: string,
  { spec, ...more }: { apart?: RowsApart; batchRows?: number; batchBytes?: number; spec?: Spec } = {},
  of: Target = target,
): TargetBatch[] {
  const options = { ...OPTIONS, checkpoint: START, layout: { fields: 2, lineEnd: 'lf' as const } };
  const sink = new TargetSink({ ...options, apart: undefined, target: keyed(of, more.apart), ...more });
  const rule = targetHeader({ target: of, spec });
  const { delimiter, maxRecordBytes, layout } = options;
  const reader = new Reader({ delimiter, maxRecordBytes, layout, rule }, sink);
  return [...reader.push(Buffer.from(text)), ...reader.end()];
}

/** A table with a known key by which its rows depend on each other. */
function keyed(of: Target, apart: RowsApart | undefined): Target {
  if (!apart?.key || of.keys.length > 0) return of;
  const columns = [...apart.key.columns];
  const parts = columns.map((column) => ({ column, expression: column, deterministic: true }));
  const key = { name: 'k', primary: false, parts, columns, predicate: null, deferrable: false };
  return { ...of, keys: [{ ...key, nullsNotDistinct: false }] };
}

describe('a batch', () => {
  it('has undoubted rows in binary form, others as texts with their positions, and rejects', () => {
    const [batch] = batchesOf('a,b\n1,1\nx,2\n2,1e2\n 3 ,"1"\n4,x\n5\n');
    expect(batch).toMatchObject({ numbered: true, apart: false, waits: 'nothing' });
    expect([batch!.rows.count, batch!.texts.count, batch!.rejects.count]).toEqual([2, 1, 3]);
    // After one binary row, and the second record that is kept.
    expect(copyLines(batch!.texts.copy)).toEqual([[String(2 ** 20 + 2), '2', '1e2']]);
    expect(
      reportRows(batch!.rejects.copy).map(({ rowNumber, line, column, code, reasons, original }) => [
        ...[rowNumber, line, column, code, reasons !== null, original.toString()],
      ]),
    ).toEqual([
      [2, 3, 'a', 'not_an_integer', true, 'x,2'],
      [5, 6, 'b', 'not_a_number', true, '4,x'],
      [6, 7, null, 'wrong_number_of_fields', false, '5'],
    ]);
    expect(batch!.reasons).toEqual({
      'a: not an integer': 1,
      'b: not a number': 1,
      'not the 2 fields of the header; quote a field that has the delimiter or a line end in it': 1,
    });
  });

  it('keeps the original of records that PostgreSQL may refuse', () => {
    const [batch] = batchesOf('a,b\n1,1\nx,2\n2,1e2\n 3 ,"1"\n');
    const { kept } = batch!;
    const texts = [0, 1, 2].map((index) => {
      const { bytes, start, end, rowNumber, line, quoted } = keptRecord(kept, index);
      return [rowNumber, line, bytes.toString('utf8', start, end), quoted];
    });
    expect(texts).toEqual([
      [1, 2, '1,1', false],
      [3, 4, '2,1e2', false],
      [4, 5, ' 3 ,"1"', true],
    ]);
    expect([...binaryRows(kept).records]).toEqual([0, 2]);
  });

  it('is full by the bytes of everything in it', () => {
    const line = `1,${'1'.repeat(50)}\n`;
    const batches = batchesOf(`a,b\n${line.repeat(100)}`, { batchBytes: 1_000 });
    for (const { rows, texts, kept } of batches.slice(0, -1)) {
      const bytes = rows.copy.length + texts.copy.length + kept.text.length + kept.places.length;
      expect(bytes).toBeLessThan(1_000 + 4 * line.length);
    }
    expect(batches.length).toBeGreaterThan(5);
  });

  it('sets aside records that may repeat an earlier key, in any spelling', () => {
    const rows = [1, 2, 3, 4, '5', '+5', '02', 8, 9, 10, 11, 12];
    const text = `a,b\n${rows.map((a) => `${a},1\n`).join('')}`;
    const seen = (key?: string[]) =>
      batchesOf(text, { batchRows: 3, apart: apartBy(key) }).map(({ rows, suspects, waits }) => [
        rows.count,
        suspects.count,
        waits,
      ]);
    expect(seen(['a'])).toEqual([
      [3, 0, 'nothing'],
      [2, 1, 'aside'],
      [2, 1, 'aside'],
      [3, 0, 'nothing'],
    ]);
    expect(seen()).toEqual(Array(4).fill([3, 0, 'nothing']));
    // Every record has the same b, but no two have both values in common.
    expect(seen(['b']).map(([, suspects]) => suspects)).toEqual([2, 3, 3, 3]);
    expect(batchesOf('a,b\n1,23\n12,3\n', { apart: apartBy(['a', 'b']) })[0]!.waits).toBe('nothing');
  });

  it('numbers the records it sets aside by the row before and their position', () => {
    const text = 'a,b\n1,1\nx,1\n2,1\n1,2\n3,1e2\n4,1\n';
    const [batch] = batchesOf(text, { apart: apartBy(['a']) });
    expect([batch!.rows.count, batch!.suspects.count, batch!.texts.count]).toEqual([3, 1, 1]);
    const copy = Buffer.from(batch!.suspects.copy);
    // After the signature: three columns, and the number of eight bytes.
    expect([copy.readInt16BE(19), copy.readInt32BE(21), copy.readBigInt64BE(25)]).toEqual([
      3,
      8,
      BigInt(2 * 2 ** 20 + 3),
    ]);
    expect(copyLines(batch!.texts.copy)[0]![0]).toBe(String(2 * 2 ** 20 + 4));
    expect([...binaryRows(batch!.kept).records]).toEqual([0, 1, 4]);
  });

  it('sets aside a text that only PostgreSQL reads by its value', () => {
    const numeric = { apart: apartBy(['b']) };
    expect(batchesOf('a,b\n1,2\n2,2.0\n', numeric)[0]).toMatchObject({ waits: 'aside', apart: true });
    expect(batchesOf('a,b\n1,2\n2,1e2\n', numeric)[0]).toMatchObject({ waits: 'nothing', apart: true });
    expect(batchesOf('a,b\n1,100\n2,1e2\n', numeric)[0]).toMatchObject({ waits: 'aside', apart: true });
    expect(batchesOf('a,b\n1,1e2\n2,100\n', numeric)[0]).toMatchObject({ waits: 'aside', apart: true });
  });

  it('must wait as a whole if a key’s texts cannot be compared', () => {
    const numeric = { apart: apartBy(['b']) };
    const float = targetOf(columnOf('a', 'integer'), columnOf('b', 'double precision'));
    const seen = batchesOf('a,b\n1,2\n2,2\n', numeric, float)[0]!;
    expect([seen.waits, seen.apart, seen.suspects.count]).toEqual(['all', false, 0]);
  });

  it('has no key if a part is NULL, unless NULLs are equal', () => {
    const apart = apartBy(['a', 'b']);
    const seen = (nullsNotDistinct: boolean) => {
      const keys = keyed(target, apart).keys.map((key) => ({ ...key, nullsNotDistinct }));
      return batchesOf('a,b\n1,\n1,\n', { apart }, { ...target, keys })[0]!.waits;
    };
    expect([seen(false), seen(true)]).toEqual(['nothing', 'aside']);
  });

  it('is the one that finds existing rows, if they are updated', () => {
    const apart = apartBy(['b']);
    const [own] = keyed(target, apart).keys;
    const other = { ...keyed(target, apartBy(['a'])).keys[0]!, name: 'other' };
    const spec: Spec = { csvjobs: { mode: 'update', key: ['b'] } };
    const seen = (text: string) => batchesOf(text, { apart, spec }, { ...target, keys: [other, own!] })[0];
    expect(seen('a,b\n1,2\n2,2.0\n')).toMatchObject({ waits: 'aside', apart: true });
    expect(seen('a,b\n1,2\n1,3\n')).toMatchObject({ waits: 'nothing', apart: true });
  });

  it('takes no key from a rejected record', () => {
    const [batch] = batchesOf('a,b\n1,x\n1,1\n', { apart: apartBy(['a']) });
    expect([batch!.rows.count, batch!.waits]).toEqual([1, 'nothing']);
  });
});

function apartBy(columns?: string[]): RowsApart {
  return { key: columns && { columns } };
}
