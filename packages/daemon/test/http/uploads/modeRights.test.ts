/**
 * Rights on a table without which an upload's mode cannot work: refused at once, with the grant that helps.
 */
import type { LoadMode } from '@csvjobs/shared';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mustHaveRights } from '../../../src/http/uploads/modeRights.js';
import { createPool, type Pool } from '../../../src/sql/pool.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { lackedToUpdate } from '../../../src/sql/target/updateRights.js';
import { createDatabase, type TestDatabase } from '../../support/postgres.js';
import { form, type Harness, problemFrom, startHarness, upload } from '../harness.js';

let db: TestDatabase;
let pool: Pool;
const ROLE = `mode_rights_${process.pid}`;
beforeAll(async () => {
  db = await createDatabase();
  await db.pool.query(
    `create role ${ROLE}; create schema s; grant usage on schema s, public to ${ROLE};
     create table s.keyed (k int primary key, n int); create table s.plain (n int)`,
  );
  pool = createPool({ ...db.connection, options: `-c role=${ROLE}` }, () => {});
});
afterAll(async () => {
  await pool.end();
  await db.pool.query(`drop owned by ${ROLE}; drop role ${ROLE}`);
  await db.drop();
});

const REPLACE: LoadMode = { replace: true, atomic: true };

it.each<[string, LoadMode, string, string[]]>([
  ['keyed', { onConflict: 'skip' }, 'SELECT', ['select (k)']],
  ['keyed', { onConflict: 'update' }, 'SELECT, UPDATE', ['select', 'update (n)']],
  ['keyed', REPLACE, 'SELECT, DELETE, UPDATE', ['select', 'delete', 'update (n)']],
  ['plain', REPLACE, 'SELECT, DELETE', ['select', 'delete']],
])('%s, %j: without %s', async (name, mode, rights, enough) => {
  const target = (await readTarget(db.pool, { schema: 's', name }))!;
  const look = () => mustHaveRights(pool, target, mode);
  await db.pool.query(`revoke all on s.keyed, s.plain from ${ROLE}; grant insert on s.${name} to ${ROLE}`);
  await expect(look()).rejects.toMatchObject({
    code: 'table_no_rights',
    message: expect.stringContaining(`grant ${rights.toLowerCase()} on "s"."${name}" to "${ROLE}"`),
  });
  for (const [at, right] of enough.entries()) {
    await expect(look()).rejects.toMatchObject({ message: expect.stringContaining(rights.split(', ')[at]!) });
    await db.pool.query(`grant ${right} on s.${name} to ${ROLE}`);
  }
  await look();
  await mustHaveRights(pool, target, {});
});

it('old rows are stored, so each column of a replaced table must be readable', async () => {
  const target = (await readTarget(db.pool, { schema: 's', name: 'plain' }))!;
  await db.pool.query(
    `revoke all on s.plain from ${ROLE}; alter table s.plain add column more int; grant insert, delete, select (n) on s.plain to ${ROLE}`,
  );
  await expect(mustHaveRights(pool, target, REPLACE)).rejects.toMatchObject({
    message: expect.stringContaining('lacks SELECT on s.plain, which replacing its content needs'),
  });
});

it('an undo needs the whole row as it was before, so each column of a row that is updated must be readable', async () => {
  const target = (await readTarget(db.pool, { schema: 's', name: 'keyed' }))!;
  await db.pool.query(
    `revoke all on s.keyed from ${ROLE}; grant insert, select (k), update (n) on s.keyed to ${ROLE}`,
  );
  const lacked = (onConflict: 'skip' | 'update') =>
    lackedToUpdate(pool, target, ['k', 'n'], {
      ...{ onConflict, updateOnly: false, key: 'keyed_pkey', newRowsOnly: [] },
    });
  expect(await lacked('update')).toContain(`grant select ("n") on "s"."keyed" to "${ROLE}"`);
  expect(await lacked('update')).toContain('to find and update rows of s.keyed, ');
  expect(await lacked('skip')).toBeUndefined();
  await db.pool.query(`revoke select (k) on s.keyed from ${ROLE}`);
  expect(await lacked('skip')).toContain('to find rows of s.keyed, ');
});

it.each<[string, LoadMode]>([
  ['keyed', { onConflict: 'update' }],
  ['plain', REPLACE],
])(
  '%s, %j: an undo needs the xmin of rows, which SELECT on each column does not include',
  async (name, mode) => {
    const target = (await readTarget(db.pool, { schema: 's', name }))!;
    const columns = target.columns.map((column) => column.name).join(', ');
    await db.pool.query(
      `revoke all on s.${name} from ${ROLE}; grant insert, delete, update, select (${columns}) on s.${name} to ${ROLE}`,
    );
    await expect(mustHaveRights(pool, target, mode)).rejects.toMatchObject({
      message: expect.stringMatching(
        /lacks SELECT on the system column xmin of s\.\w+, which .*: grant select \(xmin\) on/,
      ),
    });
    await db.pool.query(`grant select (xmin) on s.${name} to ${ROLE}`);
    await mustHaveRights(pool, target, mode);
  },
);

const COLUMNS = 'id,k,n,more';
const GRANTS =
  'revoke all on goods, checked from R; revoke all on goods_id_seq from R; revoke execute on function one, positive from R';

describe('rights that the columns of the file need are known at the upload', () => {
  let owner: Harness;
  let modest: Harness;
  let own: Pool;
  const role = `columns_${process.pid}`;
  const as = (sql: string) => owner.pool.query(sql.replace(/\bR\b/g, role));
  beforeAll(async () => {
    owner = await startHarness();
    await as(`create role R login; grant usage on schema public to R; grant all on all tables in schema public to R;
      create table goods (id serial, k int unique, n int, more int);
      create function one() returns int language plpgsql as 'begin return 1; end';
      create function positive(n int) returns bool immutable language plpgsql as 'begin return n > 0; end';
      revoke execute on function one, positive from public;
      create table checked (k int default one(), n int check (positive(n)))`);
    own = createPool({ ...owner.database, user: role }, () => {});
    modest = await startHarness({ deps: { pool: own } });
  });
  afterAll(async () => {
    await modest.stop();
    await own.end();
    await as('drop owned by R; drop role R');
    await owner.stop();
  });
  const send = (file: string, csvjobs: object, table = 'goods') => {
    const body = form(file);
    body.append('spec', JSON.stringify({ csvjobs }));
    return upload(modest, body, {}, `?into=public.${table}`);
  };

  it.each<[string, string, object, string, string]>([
    ['a sequence', 'k,n\n1,1\n', {}, 'insert', 'usage on sequence public.goods_id_seq'],
    [
      'the key, with another column readable',
      `${COLUMNS}\n1,1,1,1\n`,
      { mode: 'skip' },
      'insert, select (n)',
      'select ("k") on "public"."goods"',
    ],
    [
      'a column that is updated',
      `${COLUMNS}\n1,1,1,1\n`,
      { mode: 'update', key: 'k' },
      'insert, select, update (id, more)',
      'update ("n") on "public"."goods"',
    ],
  ])('%s', async (_, file, csvjobs, rights, missing) => {
    await as(`${GRANTS}; grant ${rights} on goods to R`);
    const before = await owner.jobs();
    const problem = await problemFrom(await send(file, csvjobs));
    expect(problem).toMatchObject({ code: 'table_no_rights', status: 422 });
    expect(problem.detail).toContain(`grant ${missing} to "${role}"`);
    expect(await owner.jobs()).toBe(before);
    await as(`grant ${missing} to R`);
    expect((await send(file, csvjobs)).status).toBe(202);
  });

  it('functions of a default and of a check, together, with the statements', async () => {
    await as(`${GRANTS}; grant insert on checked to R`);
    const [one, positive] = ['one()', 'positive(n integer)'].map(
      (name) => `grant execute on function public.${name} to "${role}"`,
    );
    const before = await owner.jobs();
    const { code, detail } = await problemFrom(await send('n\n1\n', {}, 'checked'));
    expect(code).toBe('table_no_rights');
    expect(detail).toContain(`The owner can grant them: ${one}; ${positive}`);
    // The file fills the column of the default.
    const filled = await problemFrom(await send('k,n\n1,1\n', {}, 'checked'));
    expect(filled.detail).toMatch(/The owner can grant it: [^;]+$/);
    expect(filled.detail).toContain(positive);
    expect(await owner.jobs()).toBe(before);
    await as(positive!);
    expect((await send('k,n\n1,1\n', {}, 'checked')).status).toBe(202);
    expect((await send('n\n1\n', {}, 'checked')).status).toBe(422);
    await as(one!);
    expect((await send('n\n1\n', {}, 'checked')).status).toBe(202);
  });

  it('a role that may only update loads a file that inserts no rows', async () => {
    const csvjobs = { mode: 'update', key: ['k'] };
    await as(
      `${GRANTS}; truncate goods; insert into goods values (1, 5, 5, 5); grant select, update (n) on goods to R`,
    );
    const refused = await problemFrom(await send('k,n\n5,2\n', csvjobs));
    expect(refused).toMatchObject({
      code: 'table_no_rights',
      detail: expect.stringContaining('may not insert into'),
    });
    expect((await send('k,n\n5,2\n', { ...csvjobs, updateOnly: true })).status).toBe(202);
    // As any role that may load into it, it sees the table.
    const tables = await (await fetch(`${modest.url}/api/tables`)).json();
    expect(tables).toContainEqual(expect.objectContaining({ schema: 'public', name: 'goods' }));
    expect((await fetch(`${modest.url}/api/tables/goods`)).status).toBe(200);
    const more = await problemFrom(await send('k,n,more\n5,2,3\n', { ...csvjobs, updateOnly: true }));
    expect(more.detail).toContain('grant update ("more") on "public"."goods"');
    await as(`${GRANTS}; grant select on goods to R`);
    const none = await problemFrom(await send('k,n\n5,2\n', { ...csvjobs, updateOnly: true }));
    expect(none).toMatchObject({
      code: 'table_no_rights',
      detail: expect.stringMatching(
        /may neither insert into public\.goods nor update it; .* \(and for --on-conflict skip: select; for --on-conflict update: select, update; for --replace: select, delete, update; --update-only needs no insert\)$/,
      ),
    });
  });

  it.each<[string, string, object, string]>([
    ['the file fills the column of the sequence', `${COLUMNS}\n1,1,1,1\n`, {}, 'insert'],
    [
      'only other columns are updated',
      'id,k,n\n1,1,1\n',
      { mode: 'update' },
      'insert, select, update (id, n)',
    ],
    [
      'a default is only for new rows',
      'id,k\n1,1\n',
      { mode: 'update', default: { n: '1' } },
      'insert, select, update (id)',
    ],
    // The job reads on.
    ['the header is not certain', `k,é${'x'.repeat(300_000)}\n1,1\n`, {}, 'insert'],
  ])('not refused: %s', async (_, file, csvjobs, rights) => {
    await as(`${GRANTS}; grant ${rights} on goods to R`);
    expect((await send(file, csvjobs)).status).toBe(202);
  });
});

it('the upload is refused with the grant, and leaves no job', async () => {
  const owner = await startHarness();
  await owner.pool.query(
    `create role modest_${process.pid} login; create table goods (k int primary key, n int);
     grant usage on schema public to modest_${process.pid};
     grant select, insert, update on all tables in schema public to modest_${process.pid}`,
  );
  const own = createPool({ ...owner.database, user: `modest_${process.pid}` }, () => {});
  const modest = await startHarness({ deps: { pool: own } });
  const body = form('k,n\n1,1\n');
  body.append('spec', JSON.stringify({ csvjobs: { replace: true } }));
  const problem = await problemFrom(await upload(modest, body, {}, '?into=public.goods'));
  expect(problem).toMatchObject({ code: 'table_no_rights', status: 422 });
  expect(problem.detail).toContain(`grant delete on "public"."goods" to "modest_${process.pid}"`);
  expect(await owner.jobs()).toBe(0);
  await modest.stop();
  await own.end();
  await owner.pool.query(`drop owned by modest_${process.pid}; drop role modest_${process.pid}`);
  await owner.stop();
});
