/** What the reading thread makes of records: which way each takes, and which batch must wait. */
import { describe, expect, it } from 'vitest';
import { START } from '../../../src/pipeline/checkpoint.js';
import { targetHeader } from '../../../src/pipeline/headerRule.js';
import { binaryRecords, keptRecord } from '../../../src/pipeline/keptRecords.js';
import { Reader } from '../../../src/pipeline/reader.js';
import type { TargetBatch } from '../../../src/pipeline/target/targetBatch.js';
import { TargetSink } from '../../../src/pipeline/target/targetSink.js';
import { columnOf, targetOf } from '../../rows/targets.js';
import { copyLines, OPTIONS } from '../support/run.js';

const target = targetOf(columnOf('a', 'integer'), columnOf('b', 'numeric'));

function batchesOf(
  text: string,
  more: { keyColumns?: string[]; batchRows?: number; batchBytes?: number } = {},
): TargetBatch[] {
  const options = { ...OPTIONS, checkpoint: START, layout: { fields: 2, lineEnd: 'lf' as const } };
  const sink = new TargetSink({ ...options, keyColumns: undefined, target, ...more });
  const rule = targetHeader({ target, spec: undefined });
  const { delimiter, maxRecordBytes, layout } = options;
  const reader = new Reader({ delimiter, maxRecordBytes, layout, rule }, sink);
  return [...reader.push(Buffer.from(text)), ...reader.end()];
}

describe('a batch', () => {
  it('has rows without a doubt in binary form, others as texts with their place between those, and rejects', () => {
    const [batch] = batchesOf('a,b\n1,1\nx,2\n2,1e2\n 3 ,"1"\n4,x\n5\n');
    expect(batch).toMatchObject({ numbered: true, mustWait: false });
    expect([batch!.rows.count, batch!.texts.count, batch!.rejects.count]).toEqual([2, 1, 3]);
    // Behind one binary row, and the second record that is kept.
    expect(copyLines(batch!.texts.copy)).toEqual([[String(2 ** 20 + 2), '2', '1e2']]);
    expect(
      copyLines(batch!.rejects.copy).map((fields) => [...fields.slice(1, 5), fields[7] !== null]),
    ).toEqual([
      ['2', '3', 'a', 'not_an_integer', true],
      ['5', '6', 'b', 'not_a_number', true],
      ['6', '7', null, 'wrong_number_of_fields', false],
    ]);
    expect(batch!.reasons).toEqual({
      'a: not an integer': 1,
      'b: not a number': 1,
      'not the 2 fields of the header; quote a field that has the delimiter or a line end in it': 1,
    });
  });

  it('keeps the records that PostgreSQL may refuse as they are in the file', () => {
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
    expect(binaryRecords(kept)).toEqual([0, 2]);
  });

  it('is full by the bytes of all that it holds', () => {
    const line = `1,${'1'.repeat(50)}\n`;
    const batches = batchesOf(`a,b\n${line.repeat(100)}`, { batchBytes: 1_000 });
    for (const { rows, texts, kept } of batches.slice(0, -1)) {
      const bytes = rows.copy.length + texts.copy.length + kept.text.length + kept.places.length;
      expect(bytes).toBeLessThan(1_000 + 4 * line.length);
    }
    expect(batches.length).toBeGreaterThan(5);
  });

  it('must wait where one of the last batches had a key of it', () => {
    const rows = [1, 2, 3, 4, 5, 6, 2, 8, 9, 10, 11, 12];
    const text = `a,b\n${rows.map((a) => `${a},1\n`).join('')}`;
    const waits = (keyColumns?: string[]) =>
      batchesOf(text, { batchRows: 3, ...(keyColumns && { keyColumns }) }).map(({ mustWait }) => mustWait);
    expect(waits(['a'])).toEqual([false, false, true, false]);
    expect(waits()).toEqual([false, false, false, false]);
    // Every record has the same b, but no two the same of both.
    expect(waits(['b'])).toEqual([true, true, true, true]);
    expect(batchesOf('a,b\n1,23\n12,3\n', { keyColumns: ['a', 'b'] })[0]!.mustWait).toBe(false);
  });
});
