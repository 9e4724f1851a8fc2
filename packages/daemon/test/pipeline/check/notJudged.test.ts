/** What a check leaves to the database, for each way to treat known keys. */

import type { Target } from '@csvjobs/shared';
import { expect, it } from 'vitest';
import { notJudged } from '../../../src/pipeline/check/notJudged.js';
import { rowPlan } from '../../../src/rows/rowPlan.js';
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

const key = {
  ...{ primary: false, parts: [{ column: 'id', expression: 'id', deterministic: true }], columns: ['id'] },
  ...{ predicate: null, nullsNotDistinct: false, deferrable: false },
};
const check = { columns: ['id'], expression: 'id > 0' };
const foreignKey = {
  ...{ columns: ['id'], references: { schema: 'sales', name: 'customers' }, referencedColumns: ['id'] },
  ...{ match: 'simple' as const, deferrable: false },
} as const;
const trigger = { timing: 'after', level: 'row' } as const;
const withRules: Target = {
  ...target,
  keys: ['t_pkey', 't_code'].map((name) => ({ ...key, name })),
  checks: [
    { ...check, name: 'positive', enforced: true },
    { ...check, name: 'off', enforced: false },
  ],
  foreignKeys: [
    { ...foreignKey, name: 'of_customer', enforced: true },
    { ...foreignKey, name: 'off', enforced: false },
  ],
  triggers: [
    { ...trigger, name: 'inserted', events: ['insert'] },
    { ...trigger, name: 'updated', events: ['update'] },
    { ...trigger, name: 'deleted', events: ['delete'] },
  ],
};
const rules = ['foreign keys (of_customer)', 'checks (positive)'];

it('rules that PostgreSQL does not enforce, and triggers that do not fire, are left out', () => {
  expect(notJudged(withRules, [], [])).toEqual([
    'rows that are already in the table (t_pkey, t_code)',
    ...rules,
    'triggers (inserted)',
  ]);
  expect(notJudged(withRules, [], [], { ...conflict, newRowsOnly: [] }).slice(1)).toEqual([
    'rows that are already in the table (t_code)',
    ...rules,
    'triggers (inserted, updated)',
  ]);
  expect(notJudged(withRules, [], [], { ...conflict, newRowsOnly: [], onConflict: 'skip' })).toContain(
    'triggers (inserted)',
  );
});

it('a column that a lookup fills is named by its lookup, not by its type', () => {
  const range = columnOf('r', 'int4range');
  const { columns } = rowPlan(targetOf(columnOf('id', 'integer'), range), undefined, ['id', 'r']);
  expect(notJudged(target, columns, [])).toEqual(['types that only PostgreSQL reads (r int4range)']);
  const lookup = columns.map((column) => (column.column === 'r' ? { ...column, lookup: 'ranges' } : column));
  expect(notJudged(target, lookup, [])).toEqual(['lookups (ranges)']);
});
