/** Partial unique indexes as the key of an update: which values of a new row their predicate needs, and what an undo needs. */
import type { Spec, TargetColumn, TargetKey } from '@csvjobs/shared';
import { describe, expect, it } from 'vitest';
import { rowPlan, SpecMismatch } from '../../src/rows/rowPlan.js';
import { columnOf, targetOf } from './targets.js';

const ID = keyOf('users_pkey', ['id']);
const EMAIL = keyOf('users_email', ['email'], 'deleted IS NULL', ['deleted']);

const columns = (deleted: Partial<TargetColumn> = {}) => [
  columnOf('id', 'integer', { notNull: true, default: "nextval('users_id_seq'::regclass)" }),
  columnOf('email', 'text'),
  columnOf('name', 'text'),
  columnOf('deleted', 'text', deleted),
];

function keyOf(
  name: string,
  own: string[],
  predicate: string | null = null,
  others: string[] = [],
): TargetKey {
  return {
    ...{ name, primary: false, nullsNotDistinct: false, deferrable: false, predicate },
    parts: own.map((column) => ({ column, expression: column, deterministic: true })),
    columns: [...own, ...others],
    ...(predicate !== null && { partColumns: own }),
  };
}

interface Given {
  keys?: TargetKey[];
  header?: string[];
  deleted?: Partial<TargetColumn>;
  csvjobs?: Spec['csvjobs'];
}

function plan({ keys = [ID, EMAIL], header = ['email', 'name'], deleted, csvjobs }: Given) {
  const target = { ...targetOf(...columns(deleted)), keys };
  return rowPlan(target, { csvjobs: { mode: 'update', ...csvjobs } }, header);
}

function refused(given: Given): SpecMismatch {
  try {
    plan(given);
  } catch (error) {
    if (error instanceof SpecMismatch) return error;
  }
  throw new Error('it was not refused');
}

describe('a partial index', () => {
  it('finds rows although the file lacks the columns of its predicate', () => {
    expect(plan({}).conflict).toMatchObject({ key: 'users_email' });
    expect(plan({ csvjobs: { key: ['email'] } }).conflict).toMatchObject({ key: 'users_email' });
    expect(plan({ csvjobs: { mode: 'skip' }, keys: [EMAIL] }).conflict).toMatchObject({ key: 'users_email' });
  });

  it('is not used if the file also has a key of all rows, unless it is named', () => {
    const header = ['email', 'name', 'deleted'];
    const code = keyOf('users_code', ['name']);
    expect(plan({ keys: [EMAIL, code], header }).conflict).toMatchObject({ key: 'users_code' });
    expect(plan({ keys: [ID, EMAIL, code], header, csvjobs: { key: ['email'] } }).conflict?.key).toBe(
      'users_email',
    );
  });

  it('is offered by its name if another has the same columns', () => {
    const gone = keyOf('users_gone', ['email'], 'deleted IS NOT NULL', ['deleted']);
    const { message, options } = refused({ keys: [ID, EMAIL, gone] });
    expect(message).toContain('email (users_email), email (users_gone); choose one with --key email');
    expect(options).toEqual(['--key', 'email']);
    expect(refused({ keys: [ID, gone, EMAIL] }).options).toEqual(['--key', 'email']);
    expect(plan({ keys: [ID, EMAIL, gone], csvjobs: { key: ['users_gone'] } }).conflict?.key).toBe(
      'users_gone',
    );
  });

  it.each([
    'now()',
    "'never'::text",
    'CURRENT_TIMESTAMP',
    "'lower('::character varying",
    "'0'::numeric(10,2)",
  ])('may use the default %s of a column that the file lacks', (value) => {
    expect(plan({ deleted: { default: value } }).conflict).toMatchObject({ key: 'users_email' });
  });

  it.each<Partial<TargetColumn>>([
    { default: 'clock_timestamp()' },
    { default: "nextval('n'::regclass)" },
    { default: 'sales."Next"()' },
    { identity: 'by default' },
    { generated: 'stored' },
  ])('is refused if the value of a new row is not known beforehand: %o', (deleted) => {
    expect(refused({ deleted }).message).toBe(
      'the key users_email covers only some rows of sales.orders (where deleted IS NULL), and the value of deleted in a new row is not known beforehand: add a field for it',
    );
  });

  it('is refused if an update may keep such a value, until the meaning of empty fields is given', () => {
    const deleted = { default: 'random()::text' };
    const header = ['email', 'name', 'deleted'];
    expect(refused({ deleted, header }).message).toContain(
      'is not known beforehand: say what its empty fields mean (--blanks deleted=null)',
    );
    expect(plan({ deleted, header, csvjobs: { blanks: { deleted: 'null' } } }).conflict?.key).toBe(
      'users_email',
    );
    expect(plan({ deleted, header, keys: [EMAIL], csvjobs: { mode: 'skip' } }).conflict?.key).toBe(
      'users_email',
    );
  });

  it('needs another key for the undo of updated rows', () => {
    const { message, code } = refused({ keys: [EMAIL] });
    // No other mapping of the fields helps.
    expect(code).toBe('key_unusable');
    expect(message).toBe(
      'the key users_email covers only some rows of sales.orders (where deleted IS NULL), so an undo needs another key for the updated rows; the table has none: alter table sales.orders add primary key (…)',
    );
    // A key with NULLs identifies no row, and its own columns are the only ones that an update leaves.
    expect(() => plan({ keys: [EMAIL, keyOf('users_name', ['deleted'])] })).toThrow('the table has none');
    expect(plan({ keys: [EMAIL], header: ['email'] }).conflict?.key).toBe('users_email');
    const header = ['id', 'email', 'name'];
    expect(refused({ header, csvjobs: { key: ['email'] } }).message).toContain(
      'the file sets id, so leave that out (csvjobs.ignore in the spec), or use --key id',
    );
  });

  it('does not find the rows of a table that a file replaces', () => {
    expect(plan({ csvjobs: { mode: 'reject', replace: true } }).conflict).toBeUndefined();
    expect(refused({ csvjobs: { mode: 'reject', replace: true, key: ['email'] } })).toMatchObject({
      message:
        'csvjobs.key: email cannot be used: users_email covers only some rows (where deleted IS NULL); its unique keys: id (users_pkey)',
      code: 'key_unusable',
    });
  });
});
