/** The records of a preview at every width: as a table where there is room, else in blocks; hostile values are harmless. */
import type { Preview } from '@csvjobs/shared';
import { render } from 'ink-testing-library';
import stringWidth from 'string-width';
import { describe, expect, onTestFinished, test } from 'vitest';
import { paintWith } from '../../src/text/paint.js';
import { previewLines } from '../../src/text/previewed.js';
import { removalLines } from '../../src/text/previewedRemoval.js';
import { PreviewView } from '../../src/ui/preview/PreviewView.js';
import { PREVIEW, REPLACED } from '../peer/previewing.js';

const paint = paintWith(false);

const LONG: Preview = {
  ...PREVIEW,
  records: PREVIEW.records.map((record) => ({
    ...record,
    values: { ...record.values, note: 'a long note, 長い注記 '.repeat(20), sku: '\u001b]0;title\u0007' },
    ...(record.error && { error: { ...record.error, message: `${record.error.message}, `.repeat(20) } }),
  })),
};

describe.each([40, 80, 120])('in %i columns', (width) => {
  test('a table where it fits, else a block for each record', async () => {
    const lines = await previewLines(PREVIEW, width, paint);
    expect(lines[0]).toMatch(width === 40 ? /^row 1 {2}inserted$/ : /^row +id +sku +price +note/);
    expect(lines.some((line) => line.includes('5.00 → 6.00'))).toBe(true);
    expect(lines.filter((line) => line.includes('✗'))).toHaveLength(1);
    expect(lines.join('\n')).not.toContain('never');
  });

  test('nothing is wider than the terminal, and all of a fault is there', async () => {
    const lines = await previewLines(LONG, width, paint);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
    const text = lines.join('\n');
    expect(text).not.toContain('\u001b');
    expect(text.replace(/\s+/g, ' ').match(/is not a number/g)).toHaveLength(20);
    expect(text).toContain('…');
  });

  test('Ink draws each line once', async () => {
    // The terminal of ink-testing-library has 100 columns.
    const lines = await previewLines(LONG, Math.min(width, 100), paint);
    const { lastFrame, unmount } = render(<PreviewView lines={lines} />);
    onTestFinished(unmount);
    expect(
      lastFrame()!
        .split('\n')
        .map((line) => line.trimEnd())
        .filter(Boolean),
    ).toEqual(lines.map((line) => line.trimEnd()).filter(Boolean));
  });
});

test.each([20, 40, 80])(
  'in %i columns rows that go are no wider, and all of a refusal is there',
  async (width) => {
    const lines = await removalLines(REPLACED.removed!, width, paint);
    for (const line of lines) expect(stringWidth(line)).toBeLessThanOrEqual(width);
    const text = lines.join(' ').replace(/\s+/g, ' ');
    expect(text).toContain('- id 9');
    if (width > 20) expect(text).toContain('… and 1,198 more removed');
    for (const { message } of REPLACED.removed!.refusals) expect(text).toContain(`✗ ${message}`);
  },
);

test('without rows that go that is said', async () => {
  const none = { rows: 0, of: 3, first: [], whole: true, refusals: [] };
  expect(await removalLines(none, 80, paint)).toEqual(['', '0 of the 3 rows of the table would be removed']);
  expect(await removalLines({ ...none, of: 1 }, 80, paint)).toEqual([
    '',
    '0 of the 1 row of the table would be removed',
  ]);
});

test('no records, no lines but the titles', async () => {
  const none = { ...PREVIEW, records: [] };
  expect(await previewLines(none, 80, paint)).toEqual(['row']);
});
