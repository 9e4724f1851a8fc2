/** The spec of a job as the base for another upload: an option beats what contradicts it there. */
import type { Spec } from '@csvjobs/shared';
import { expect, it } from 'vitest';
import { fixedSpec, likeSpec } from '../../src/config/jobSpec.js';
import { withOptions } from '../../src/config/specOptions.js';

const block = (csvjobs: Spec['csvjobs']): Spec => ({ encoding: 'utf-8', csvjobs });

it('a dry run like a held job holds nothing, and is one transaction; a held job like a dry run loads', () => {
  const held = block({ mode: 'update', hold: true });
  const flags = { dryRun: true };
  expect(withOptions(undefined, flags, likeSpec(held, flags))?.spec).toEqual(
    block({ mode: 'update', atomic: true, dryRun: true }),
  );
  const dry = block({ mode: 'skip', dryRun: true });
  expect(withOptions(undefined, { hold: true }, likeSpec(dry, { hold: true }))?.spec).toEqual(
    block({ mode: 'skip', hold: true }),
  );
  for (const spec of [held, dry]) expect(likeSpec(spec, {})).toEqual(spec);
  const both = { hold: true, dryRun: true };
  expect(() => withOptions(undefined, both, likeSpec(held, both))).toThrow('cannot be used together');
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
    blanks: { '*': 'null', ...blanks },
  });
});

it('`now` is the time of each upload, but for fixed records that of their job', () => {
  const spec = block({ default: { made: 'now' }, now: '2026-11-29T03:01:32.503Z' });
  expect(likeSpec(spec, {})).toEqual(block({ default: { made: 'now' } }));
  expect(likeSpec({ encoding: 'utf-8' }, {})).toEqual({ encoding: 'utf-8' });
  expect(fixedSpec(spec, {})).toEqual(spec);
});
