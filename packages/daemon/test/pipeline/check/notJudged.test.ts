/** What a check leaves to the database, for each way to treat known keys. */
import { expect, it } from 'vitest';
import { notJudged } from '../../../src/pipeline/check/notJudged.js';
import { columnOf, targetOf } from '../../rows/targets.js';

const target = targetOf(columnOf('id', 'integer'));
const conflict = { onConflict: 'update', updateOnly: false, key: 't_pkey', newRowsOnly: [] } as const;

it.each([
  [{ onConflict: 'skip' as const }, 'which rows are skipped (t_pkey)'],
  [{}, 'which rows are updated (t_pkey)'],
  [{ replaces: true }, 'which rows are updated and removed (t_pkey)'],
  [
    { updateOnly: true },
    'which rows are updated, and which are rejected because the table has no row for them (t_pkey)',
  ],
])('%j', (more, says) => {
  expect(notJudged(target, [], [], { ...conflict, newRowsOnly: [], ...more })[0]).toBe(says);
});
