import { describe, expect, it } from 'vitest';
import { type SpecFlags, withOptions } from '../../src/config/specOptions.js';

const blockOf = (flags: SpecFlags, spec = {}) =>
  withOptions({ bytes: Buffer.from(''), spec }, flags)?.spec?.csvjobs;

describe('options for known rows', () => {
  it('override the spec', () => {
    expect(blockOf({ onConflict: 'update', key: 'order_id, line', updateOnly: true })).toEqual({
      mode: 'update',
      key: ['order_id', 'line'],
      updateOnly: true,
    });
    const before = { csvjobs: { mode: 'update', key: ['id'], blanks: { phone: 'keep', fax: 'keep' } } };
    expect(blockOf({ onConflict: 'skip', key: 'sku', blanks: ['phone=null'] }, before)).toEqual({
      mode: 'skip',
      key: ['sku'],
      blanks: { phone: 'null', fax: 'keep' },
    });
    expect(blockOf({ blanks: ['default'] })).toEqual({ blanks: 'default' });
  });

  it('say what an empty field means in one column, and in all others, in any order', () => {
    const both = { blanks: { '*': 'default', phone: 'null' } };
    expect(blockOf({ blanks: ['default', 'phone=null'] })).toEqual(both);
    expect(blockOf({ blanks: ['phone=null', 'default'] })).toEqual(both);
    expect(blockOf({ blanks: ['phone=null'] }, { csvjobs: { blanks: 'default' } })).toEqual(both);
    expect(blockOf({ blanks: ['default'] }, { csvjobs: { blanks: { '*': 'keep', phone: 'null' } } })).toEqual(
      {
        blanks: 'default',
      },
    );
  });

  it('work with a mode from the spec', () => {
    expect(blockOf({ key: 'sku' }, { csvjobs: { mode: 'skip' } })).toMatchObject({ key: ['sku'] });
  });

  it.each<[SpecFlags, string]>([
    [{ key: 'sku' }, '--key needs --on-conflict skip or update'],
    [{ updateOnly: true, onConflict: 'skip' }, '--update-only needs --on-conflict update'],
    [{ onConflict: 'update', key: 'a,,b' }, '--key "a,,b" is not understood'],
    [{ blanks: ['phone=nothing'] }, '--blanks "phone=nothing" is not understood'],
    [{ blanks: ['phone=null', 'fax=null', 'phone=keep'] }, '--blanks is used twice for phone'],
    [{ blanks: ['null', 'keep'] }, '--blanks is used twice for all columns'],
    [{ blanks: ['*=null', 'keep'] }, '--blanks is used twice for all columns'],
  ])('are refused if they have no effect: %j', (flags, message) => {
    expect(() => blockOf(flags)).toThrow(expect.objectContaining({ message, exitCode: 2 }));
  });

  it('that contradict each other are both named', () => {
    expect(() => blockOf({ blanks: ['phone=null', 'fax=null', 'phone=keep'] })).toThrow(
      expect.objectContaining({ why: '--blanks phone=null and --blanks phone=keep', next: 'leave one out' }),
    );
  });
});
