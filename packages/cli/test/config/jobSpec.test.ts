/** The spec of a job as the base for another upload: an option beats what contradicts it there. */
import type { Spec } from '@csvjobs/shared';
import { expect, it } from 'vitest';
import { fixedSpec, jobSpec } from '../../src/config/jobSpec.js';
import { withOptions } from '../../src/config/specOptions.js';

const block = (csvjobs: Spec['csvjobs']): Spec => ({ encoding: 'utf-8', csvjobs });

it('a dry run like a held job holds nothing, and is one transaction; a held job like a dry run loads', () => {
  const held = block({ mode: 'update', hold: true });
  const flags = { dryRun: true };
  expect(withOptions(undefined, flags, jobSpec(held, flags))?.spec).toEqual(
    block({ mode: 'update', atomic: true, dryRun: true }),
  );
  const dry = block({ mode: 'skip', dryRun: true });
  expect(withOptions(undefined, { hold: true }, jobSpec(dry, { hold: true }))?.spec).toEqual(
    block({ mode: 'skip', hold: true }),
  );
  for (const spec of [held, dry]) expect(jobSpec(spec, {})).toBe(spec);
  const both = { hold: true, dryRun: true };
  expect(() => withOptions(undefined, both, jobSpec(held, both))).toThrow('cannot be used together');
});

it('fixed records of a replacement can update or skip known keys', () => {
  const replacing = block({ replace: true, maxRemoved: '5%', key: ['sku'], maxErrors: 3 });
  const fixed = (flags: Parameters<typeof fixedSpec>[1]) =>
    withOptions(undefined, flags, fixedSpec(replacing, flags))?.spec?.csvjobs;
  expect(fixed({ onConflict: 'update' })).toEqual({
    ...{ mode: 'update', key: ['sku'], blanks: 'null', maxErrors: 3 },
  });
  expect(fixed({ onConflict: 'skip', dryRun: true })).toMatchObject({ mode: 'skip', dryRun: true });
  expect(fixed({ onConflict: 'reject' })).toEqual({ mode: 'reject', blanks: 'null', maxErrors: 3 });
  expect(fixedSpec(replacing, {})).toBe(replacing);
  const blanks = { note: 'default' } as const;
  expect(fixedSpec(block({ replace: true, blanks }), { onConflict: 'skip' }).csvjobs).toEqual({
    mode: 'skip',
    blanks,
  });
});
