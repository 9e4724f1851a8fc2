/** Files shown with their table, at every width. */
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { fileAndTable } from '../../src/text/fileAndTable.js';
import { paintWith } from '../../src/text/paint.js';
import { tableLines } from '../../src/text/table.js';
import { newLane, step } from '../../src/ui/lane.js';
import { detailBlocks } from '../../src/ui/laneDetail.js';
import { laneLines } from '../../src/ui/laneLine.js';
import { Peer } from '../peer.js';

const paint = paintWith(false);

function ended(filename: string, table: string) {
  const job = new Peer().addJob({ filename, table });
  return step(newLane(filename, 0), { type: 'done', lane: 0, job, exitCode: 0 }, 1);
}

describe.each([40, 80, 120])('in %i columns', (width) => {
  test('a short name is shown in full with its table', () => {
    const lane = ended('orders.csv', 'sales.orders');
    expect(
      detailBlocks(lane, { paint, width, now: 0, ended: false, typed: (command) => command }).flatMap(
        ({ lines }) => lines,
      )[0],
    ).toContain('✓ orders.csv → sales.orders');
    const line = laneLines([lane], paint, width, undefined, 0)[0]!;
    expect(line).toMatch(width === 40 ? /orde.+ders/ : /orders.*…?.*orders/);
  });

  test('a long one is shortened in the middle only among other files, and nothing is wider than the terminal', () => {
    const lane = ended(`${'orders of a long year '.repeat(5)}.csv`, '"Sales Department"."Order Lines 2024"');
    for (const [at, lines] of [
      detailBlocks(lane, { paint, width, now: 0, ended: false, typed: (command) => command }).flatMap(
        ({ lines }) => lines,
      ),
      laneLines([lane], paint, width, lane, 0),
    ].entries()) {
      expect(lines.join('').includes('…')).toBe(at === 1);
      for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
    }
  });
});

test('in 40 columns the state at the end is wrapped between words', () => {
  const job = new Peer().addJob({
    filename: 'a.csv',
    status: 'cancelled',
    startedAt: null,
    mode: { dryRun: true },
  });
  const lane = step(newLane('a.csv', 0), { type: 'done', lane: 0, job, exitCode: 0 }, 1);
  const lines = detailBlocks(lane, {
    paint,
    width: 40,
    now: 0,
    ended: true,
    typed: (command) => command,
  }).flatMap((block) => block.lines);
  const at = lines.indexOf('  cancelled (dry run: nothing was');
  expect(lines[at + 1]).toBe('  loaded)');
});

test('a table whose other columns leave less than the least room of a name has lines that fit all the same', () => {
  const columns = [
    { title: 'ID' },
    { title: 'BAD', drop: 1 },
    { title: 'STATUS' },
    { title: 'FILE', flexible: { min: 12 } },
  ];
  const cells = ['f4ea5e6a', '1,000', '✗ completed (dry run)', 'numbers.csv → public.numbers'];
  const row = cells.map((text) => ({ text }));
  const lines = tableLines(columns, [row], 40, (text) => text, stringWidth);
  for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(40);
  expect(lines[1]).toMatch(/^f4ea5e6a {2}✗ completed \(dry run\) {2}\S+…\S+$/);
});

test('for customers, and jobs of older daemons, only the file is shown', () => {
  expect(fileAndTable('a.csv', 'customers')).toBe('a.csv');
  expect(fileAndTable('a.csv', undefined)).toBe('a.csv');
});

test('a hostile table name is harmless', () => {
  expect(fileAndTable('a.csv', 'x."\u001b]0;title\u0007"')).toBe('a.csv → x."␛]0;title␇"');
});
