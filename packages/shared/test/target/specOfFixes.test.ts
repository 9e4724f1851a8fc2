/** The spec of fixed records, which never replace the content of a table. */
import { type Spec, specOfFixes } from '@csvjobs/shared';
import { expect, it } from 'vitest';

const fixed = (csvjobs: Spec['csvjobs']) => specOfFixes({ csvjobs }).csvjobs;

it('those of a replacement are added, or update rows with the same key; their empty fields mean NULL', () => {
  const replaces = { replace: true, maxRemoved: '5%', key: ['sku'], hold: true };
  expect(fixed({ ...replaces, blanks: { note: 'default' } })).toEqual({
    hold: true,
    blanks: { note: 'default' },
  });
  const updates = { ...replaces, mode: 'update' as const };
  expect(fixed(updates)).toEqual({ mode: 'update', key: ['sku'], hold: true, blanks: 'null' });
  expect(fixed({ ...updates, blanks: 'keep' })).toMatchObject({ blanks: 'keep' });
  expect(fixed({ ...updates, blanks: { note: 'keep' } })).toMatchObject({
    blanks: { '*': 'null', note: 'keep' },
  });
  expect(fixed({ ...replaces, mode: 'reject' })).toEqual({ mode: 'reject', hold: true, blanks: 'null' });
});

it('those of any other job are loaded as that job was', () => {
  const spec: Spec = { csvjobs: { mode: 'update', key: ['sku'], atomic: true } };
  expect(specOfFixes(spec)).toBe(spec);
});
