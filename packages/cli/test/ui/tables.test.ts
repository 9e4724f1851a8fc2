/** Files shown with their table, at every width. */
import stringWidth from 'string-width';
import { describe, expect, test } from 'vitest';
import { fileAndTable } from '../../src/text/fileAndTable.js';
import { paintWith } from '../../src/text/paint.js';
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

test('for customers, and jobs of older daemons, only the file is shown', () => {
  expect(fileAndTable('a.csv', 'customers')).toBe('a.csv');
  expect(fileAndTable('a.csv', undefined)).toBe('a.csv');
});

test('a hostile table name is harmless', () => {
  expect(fileAndTable('a.csv', 'x."\u001b]0;title\u0007"')).toBe('a.csv → x."␛]0;title␇"');
});
