import { expect, it } from 'vitest';
import { type SpecFlags, withOptions } from '../../src/config/specOptions.js';

const blockOf = (flags: SpecFlags, spec = {}) =>
  withOptions({ bytes: Buffer.from(''), spec }, flags)?.spec?.csvjobs;

it('replacement options are written into the spec', () => {
  expect(blockOf({ replace: true })).toEqual({ replace: true });
  expect(blockOf({ replace: true, maxRemoved: '2.5%', key: 'sku', maxErrors: '3' })).toEqual({
    replace: true,
    maxRemoved: '2.5%',
    key: ['sku'],
    maxErrors: 3,
  });
  expect(blockOf({ maxRemoved: '500' }, { csvjobs: { replace: true, maxRemoved: '1%' } })).toEqual({
    replace: true,
    maxRemoved: 500,
  });
  expect(blockOf({ replace: true, onConflict: 'update' })).toEqual({ replace: true, mode: 'update' });
});

it.each<[SpecFlags, string]>([
  [{ maxRemoved: '5%' }, '--max-removed needs --replace'],
  [{ replace: true, maxRemoved: '101%' }, '"101%" is not a limit for --max-removed'],
  [{ replace: true, maxRemoved: 'all' }, '"all" is not a limit for --max-removed'],
  [{ replace: true, onConflict: 'skip' }, '--replace and --on-conflict skip cannot be used together'],
  [
    { replace: true, onConflict: 'update', updateOnly: true },
    '--replace and --update-only cannot be used together',
  ],
])('options without effect are refused: %j', (flags, message) => {
  expect(() => blockOf(flags)).toThrow(expect.objectContaining({ message, exitCode: 2 }));
});

it('the mode of a replacing spec cannot be changed', () => {
  expect(() => blockOf({ onConflict: 'reject' }, { csvjobs: { replace: true } })).toThrow(
    expect.objectContaining({ message: '--replace and --on-conflict reject cannot be used together' }),
  );
});
