/** Loads by a role with INSERT on some columns, without SELECT, and without rights that a load needs. */
import type { Spec } from '@csvjobs/shared';
import { beforeEach, describe, expect, it } from 'vitest';
import { SpecMismatch } from '../../../src/rows/specMismatch.js';
import { createPool } from '../../../src/sql/pool.js';
import { readTarget } from '../../../src/sql/target/catalog.js';
import { crossed, inShortIf, LONG } from '../../support/form.js';
import { COLUMNS, counted, file, restrictedLoads, SIZED } from './restrictedLoads.js';
import { restrictedRole } from './restrictedRole.js';
import { insertEach, makeTargetJob, rejected, runToEnd, runWithin, type TargetFile } from './support.js';

const given = restrictedRole();
const { tableNow, loadsAsOneByOne } = restrictedLoads(given);
let { loading, db, modest, role } = given;
beforeEach(() => {
  ({ loading, db, modest, role } = given);
});

describe('a role without SELECT', () => {
  const KEYS = [
    ['one key', COLUMNS],
    ['two keys', 'a int primary key, region text, n int unique check (n < 500)'],
    ['a self-reference', 'a int primary key, region text, n int, b int references sales.t'],
  ] as const;
  for (const [keys, columns] of KEYS)
    it(`loads a table with ${keys}`, keys === 'two keys' ? SIZED : LONG, async () => {
      await db.plain(`create table sales.t (${columns}); insert into sales.t (a, region, n) values (129, 'x', 12);
      grant insert on sales.t to ${role}`);
      expect(counted(await loadsAsOneByOne(file))).toMatchObject({ '23505': expect.any(Number) });
    });

  for (const [where, schema, grant] of [
    ['that it may not read', 'sales', ''],
    ['in a schema that it may not use', 'hidden', 'grant select on hidden.regions to'],
  ] as const)
    it(`loads a table with a key in another ${where}`, schema === 'sales' ? SIZED : LONG, async () => {
      await db.plain(`create schema if not exists ${schema}; create table ${schema}.regions (name text primary key);
      insert into ${schema}.regions values ('north'), ('south');
      create table sales.t (a int primary key check (a < 500), region text not null references ${schema}.regions, n int);
      grant insert on sales.t to ${role}; ${grant && `${grant} ${role}`}`);
      expect(counted(await loadsAsOneByOne(file))['23503']).toBeGreaterThan(20);

      // What it can check is named beside an unreadable value.
      const id = await makeTargetJob(loading, modest.pool, { ...file, records: [['900', 'west', 'x']] });
      await runToEnd(loading, modest, id, { lanes: 1 });
      const { rows } = await modest.pool.query(
        "select jsonb_path_query_array(reasons, '$[*].code') as codes from job_errors where job_id = $1",
        [id],
      );
      expect(rows).toEqual([{ codes: ['not_an_integer', 'check_failed'] }]);
    });
});

describe('a role with INSERT on some columns', () => {
  it('loads those, and the others get their DEFAULT', SIZED, async () => {
    await db.plain(`create table sales.t (${COLUMNS}, kept text default 'mine', secret text);
      grant insert (a, region, n) on sales.t to ${role}`);
    expect(counted(await loadsAsOneByOne(file))).toMatchObject({ '23505': expect.any(Number) });
    const { rows } = await db.plain('select distinct kept, secret from sales.t');
    expect(rows).toEqual([{ kept: 'mine', secret: null }]);
  });

  it('is refused columns of a view that computes them without a GRANT that would not help', async () => {
    await db.plain(`create table sales.t (${COLUMNS}, secret text);
      create view sales.v as select a, n, secret, upper(region) as region from sales.t; grant insert (a, n) on sales.v to ${role}`);
    const { deniedColumns } = (await readTarget(modest.pool, { schema: 'sales', name: 'v' }))!;
    expect(deniedColumns).toEqual({ names: ['secret'], role });
  });

  it('is refused a file with another column, by its name', async () => {
    await db.plain(
      `create table sales.t (${COLUMNS}, secret text); grant insert (a, region, n) on sales.t to ${role}`,
    );
    const with_ = { ...file, header: [...file.header, 'secret'] };
    await expect(insertEach(modest.pool, with_)).rejects.toThrow(SpecMismatch);
    const id = await makeTargetJob(loading, modest.pool, with_);
    await expect(runToEnd(loading, modest, id, { lanes: 1 })).rejects.toMatchObject({
      code: 'header_invalid',
      message: expect.stringContaining('this database role may not insert into secret of sales.t'),
    });
  });
});

describe('a missing right', () => {
  for (const rights of ['update', 'insert, update'] as const)
    it(
      `${rights} of a load that updates rows, revoked during the job: the message has the grant that helps`,
      inShortIf(rights === 'insert, update'),
      async () => {
        await db.plain(
          `create table sales.t (${COLUMNS}); grant select, insert, update on sales.t to ${role}`,
        );
        const spec: Spec = { csvjobs: { mode: 'update' } };
        const id = await makeTargetJob(loading, modest.pool, { ...file, spec });
        const between = () => db.plain(`revoke select, ${rights} on sales.t from ${role}`);
        let error = await runWithin(loading, modest, id, 1, between);
        const grants: string[] = [];
        // One sentence may name one right only, but each one must help.
        while (error !== undefined && grants.length < 3) {
          expect(error).toMatchObject({ code: 'target_denied', retryable: false });
          const [, grant] =
            /its owner can grant it: (grant [^;]*);? /.exec(`${(error as Error).message} `) ?? [];
          expect(grants).not.toContain(grant);
          grants.push(grant!);
          await db.plain(grant!);
          error = await runToEnd(loading, modest, id, { lanes: 1 }).then(
            () => undefined,
            (reason: unknown) => reason,
          );
        }
        expect(error).toBeUndefined();
        expect(grants.some((grant) => grant.startsWith('grant select'))).toBe(true);
      },
    );

  it('to use the schema, revoked during the job: the message has the grant, and a retry loads the rest', async () => {
    await db.plain(`create table sales.t (${COLUMNS}); grant select, insert, update on sales.t to ${role}`);
    const id = await makeTargetJob(loading, modest.pool, file);
    const error = await runWithin(loading, modest, id, 1, () =>
      db.plain(`revoke usage on schema sales from ${role}`),
    );
    const grant = `grant usage on schema "sales" to "${role}"`;
    expect(error).toMatchObject({
      ...{ code: 'target_denied', retryable: false },
      message: `the role ${role} may not use the schema sales; its owner can grant it: ${grant}; then retry the job`,
    });
    await db.plain(grant);
    await runToEnd(loading, modest, id, { lanes: 1 });
  });

  for (const lanes of [1, 2])
    it(
      `and revoked during a job ends it, and rejects no row (${lanes} lanes)`,
      inShortIf(lanes === 2),
      async () => {
        await db.plain(`create table sales.t (${COLUMNS}); grant insert on sales.t to ${role}`);
        const id = await makeTargetJob(loading, modest.pool, file);
        const between = () => db.plain(`revoke insert on sales.t from ${role}`);
        expect(await runWithin(loading, modest, id, lanes, between)).toMatchObject({
          code: 'target_denied',
          retryable: false,
          message: expect.stringContaining('a, region, n of sales.t'),
        });
        const { rows } = await modest.pool.query(
          'select success_count, failed_count, (select count(*) from job_errors where job_id = $1) as reported from jobs where id = $1',
          [id],
        );
        expect(rows[0].failed_count).toBe(rows[0].reported);
        expect(await tableNow()).toHaveLength(rows[0].success_count);
        // With the right again, the rest is loaded.
        await db.plain(`grant insert on sales.t to ${role}`);
        await runToEnd(loading, modest, id, { lanes });
        expect(counted(await rejected(modest.pool, id))['42501']).toBeUndefined();
      },
    );

  it('on the sequence of a serial column is reported before it rejects any row', async () => {
    await db.plain(`create table sales.t (id serial, ${COLUMNS}); grant insert on sales.t to ${role}`);
    const id = await makeTargetJob(loading, modest.pool, file);
    const error = await runToEnd(loading, modest, id, { lanes: 1 }).catch((reason: Error) => reason);
    expect(error).toMatchObject({ code: 'target_denied', retryable: false });
    const [grant = ''] =
      /grant usage on sequence [^;.]+\.[^;.]+ to "\w+"/.exec((error as Error).message) ?? [];
    await db.plain(grant);
    await runToEnd(loading, modest, id, { lanes: 1 });
    expect((await tableNow()).length).toBeGreaterThan(100);
  });

  const RULES: readonly (readonly [string, () => string, RegExp])[] = [
    [
      'on the function of a check',
      () => `create function sales.sound(n int) returns boolean language plpgsql as 'begin return n >= 0; end';
        revoke execute on function sales.sound from public; create table sales.t (a int, region text, n int check (sales.sound(n)));`,
      /grant execute on function sales\.sound\(n integer\) to "\w+"/,
    ],
    [
      'on the function of a generated column',
      () => `create function sales.half(n int) returns int immutable language plpgsql as 'begin return n / 2; end';
        revoke execute on function sales.half from public;
        create table sales.t (a int, region text, n int, half int generated always as (sales.half(n)) stored);`,
      /grant execute on function sales\.half\(n integer\) to "\w+"/,
    ],
    [
      'on the function of a domain',
      () => `create function sales.sound(n int) returns boolean language plpgsql as 'begin return n >= 0; end';
        revoke execute on function sales.sound from public; create domain sales.sum as int check (sales.sound(value));
        create table sales.t (a int, region text, n sales.sum);`,
      /grant execute on function sales\.sound\(n integer\) to "\w+"/,
    ],
    [
      'on the table that a trigger writes',
      () => `create table sales.audit (a int); create table sales.t (a int, region text, n int);
        create function sales.note() returns trigger language plpgsql as 'begin insert into sales.audit values (new.a); return new; end';
        create trigger noted after insert on sales.t for each row execute function sales.note();`,
      /grant insert on table sales\.audit to "\w+"/,
    ],
    [
      'on the table that a trigger updates',
      () => `create table sales.seen (a int, n int); create table sales.t (a int, region text, n int);
        create function sales.note() returns trigger language plpgsql as 'begin update sales.seen set n = n + 1 where a = new.a; return new; end';
        create trigger noted after insert on sales.t for each row execute function sales.note();`,
      /grant select, update on table sales\.seen to "\w+"/,
    ],
    [
      'to read the table that a trigger may update',
      () => `create table sales.seen (a int, n int); create table sales.t (a int, region text, n int);
        create function sales.note() returns trigger language plpgsql as 'begin update sales.seen set n = n + 1 where a = new.a; return new; end';
        create trigger noted after insert on sales.t for each row execute function sales.note(); grant update on sales.seen to ${role};`,
      /grant select on table sales\.seen to "\w+"/,
    ],
    [
      'on the sequence that a trigger uses',
      () => `create sequence sales.numbers; create table sales.t (a int, region text, n int, id int);
        create function sales.note() returns trigger language plpgsql as 'begin new.id := nextval(''sales.numbers''); return new; end';
        create trigger noted before insert on sales.t for each row execute function sales.note();`,
      /grant usage on sequence sales\.numbers to "\w+"/,
    ],
    [
      'on the sequence that a trigger sets',
      () => `create sequence sales.numbers; create table sales.t (a int, region text, n int);
        create function sales.note() returns trigger language plpgsql as 'begin perform setval(''sales.numbers'', new.a + 9); return new; end';
        create trigger noted before insert on sales.t for each row execute function sales.note(); grant usage on sequence sales.numbers to ${role};`,
      /grant update on sequence sales\.numbers to "\w+"/,
    ],
    [
      'on the sequence whose last number a trigger reads',
      () => `create sequence sales.numbers; create table sales.t (a int, region text, n int, id int);
        create function sales.take() returns bigint security definer language sql as 'select nextval(''sales.numbers'')';
        create function sales.note() returns trigger language plpgsql as 'begin perform sales.take(); new.id := lastval(); return new; end';
        create trigger noted before insert on sales.t for each row execute function sales.note();`,
      /grant usage on sequence sales\.numbers to "\w+"/,
    ],
    [
      'on the type of a table that a trigger creates',
      () => `create domain sales.sum as int; revoke usage on type sales.sum from public; create table sales.t (a int, region text, n int);
        create function sales.note() returns trigger language plpgsql as
          'begin create temp table noted (n sales.sum); drop table noted; return null; end';
        create trigger noted after insert on sales.t for each statement execute function sales.note();`,
      /grant usage on type sales\.sum to "\w+"/,
    ],
    [
      'on the sequence of the table under a view',
      () => `create table sales.base (id serial, a int, region text, n int);
        create view sales.t as select * from sales.base;`,
      /grant usage on sequence sales\.base_id_seq to "\w+"/,
    ],
    [
      'on the schema of what a trigger calls',
      () => `create schema secret_${role}; create function secret_${role}.f() returns int language sql as 'select 1';
        create table sales.t (a int, region text, n int);
        create function sales.note() returns trigger language plpgsql as 'begin perform secret_${role}.f(); return new; end';
        create trigger noted before insert on sales.t for each row execute function sales.note();`,
      /grant usage on schema secret_\w+ to "\w+"/,
    ],
    [
      'on the table under a security_invoker view',
      () => `create table sales.base (a int, region text, n int);
        create view sales.t with (security_invoker = true) as select * from sales.base;`,
      /grant insert on table sales\.base to "\w+"/,
    ],
    [
      'on one of two functions of the same name, with an odd name',
      () => `create function sales."Is ok"(n text) returns boolean language sql as 'select true';
        create function sales."Is ok"(n int) returns boolean language plpgsql as 'begin return n >= 0; end';
        revoke execute on function sales."Is ok"(int) from public; create domain sales.sum as int check (sales."Is ok"(value));
        create table sales.t (a int, region text, n sales.sum);`,
      /(?<=it: )grant execute on function sales\."Is ok"\(n integer\) to "\w+"(?!; or)/,
    ],
    [
      'on a table that a trigger only reads, whose name other schemas have too',
      () => `create table sales."Black list" (a int); create schema other; create table other."Black list" (a int);
        grant all on other."Black list" to ${role}; create table sales.t (a int, region text, n int);
        create function sales.note() returns trigger language plpgsql as
          'begin if exists (select from sales."Black list" b where b.a = new.a) then return null; end if; return new; end';
        create trigger noted before insert on sales.t for each row execute function sales.note();`,
      /(?<=it: )grant select on table sales\."Black list" to "\w+"(?!; or)/,
    ],
    [
      'of the owner of a view',
      () => `create role ${role}_owner; create table sales.base (a int, region text, n int);
        create view sales.t as select * from sales.base; alter view sales.t owner to ${role}_owner; grant select on sales.base to ${role}_owner; grant usage on schema sales to ${role}_owner;`,
      /grant insert on table sales\.base to "\w+_owner"/,
    ],
    [
      'on the function of the condition of a view, which its owner may call,',
      () => `create role ${role}_owner; create table sales.base (a int, region text, n int);
        create function sales.sound(n int) returns boolean language plpgsql as 'begin return n >= 0; end';
        revoke execute on function sales.sound from public; grant execute on function sales.sound to ${role}_owner;
        create view sales.t as select * from sales.base where sales.sound(n) with check option; alter view sales.t owner to ${role}_owner;
        grant select, insert on sales.base to ${role}_owner; grant usage on schema sales to ${role}_owner;`,
      /grant execute on function sales\.sound\(n integer\) to "(?!\w+_owner")\w+"/,
    ],
    [
      'on the table that a trigger of a view writes, which its owner may write,',
      () => `create role ${role}_owner; create table sales.base (a int, region text, n int);
        create view sales.t as select * from sales.base; alter view sales.t owner to ${role}_owner;
        grant select, insert on sales.base to ${role}_owner; grant usage on schema sales to ${role}_owner;
        create function sales.note() returns trigger language plpgsql as 'begin insert into sales.base values (new.*); return new; end';
        create trigger noted instead of insert on sales.t for each row execute function sales.note();`,
      /grant insert on table sales\.base to "(?!\w+_owner")\w+"/,
    ],
    [
      'of the owner of a security definer function',
      () => `create role ${role}_owner; create table sales.audit (a int); create table sales.t (a int, region text, n int);
        grant insert on sales.audit to ${role}; grant usage on schema sales to ${role}_owner;
        create function sales.note() returns trigger security definer language plpgsql as 'begin insert into sales.audit values (new.a); return new; end';
        alter function sales.note() owner to ${role}_owner;
        create trigger noted after insert on sales.t for each row execute function sales.note();`,
      /grant insert on table sales\.audit to "\w+_owner"/,
    ],
  ];
  /** One for each kind of what is missing, and where a message could name something else. */
  const IN_SHORT = [
    'on the function of a check',
    'on the table that a trigger updates',
    'on the sequence that a trigger sets',
    'on the type of a table that a trigger creates',
    'on the schema of what a trigger calls',
    'on one of two functions of the same name, with an odd name',
    'on a table that a trigger only reads, whose name other schemas have too',
    'of the owner of a view',
  ];
  /** All of whose values are read: an unreadable one is rejected, and is about the row. */
  const readable = { ...file, records: file.records.filter(([, , n]) => n !== 'x') };
  const WAYS: readonly (readonly [string, number, Partial<TargetFile>])[] = [
    ['1 lane', 1, {}],
    ['2 lanes', 2, {}],
    ['known rows skipped', 1, { spec: { csvjobs: { mode: 'skip', key: ['a'] } } as Spec }],
  ];
  for (const { kind, way, options } of crossed(RULES, WAYS)) {
    const [what, table, grant] = kind;
    const [how, lanes, more] = way;
    const keyed = how === 'known rows skipped';
    // A view has no keys.
    if (keyed && what.includes(' view')) continue;
    it(
      `${what} ends the job before it rejects any row, and says how to grant it (${how})`,
      IN_SHORT.includes(what) ? options : LONG,
      async () => {
        const key = keyed ? 'alter table sales.t add primary key (a);' : '';
        await db.plain(`${table()}${key} grant insert, select on sales.t to ${role}`);
        const id = await makeTargetJob(loading, modest.pool, { ...readable, ...more });
        const error = await runToEnd(loading, modest, id, { lanes }).catch((reason: Error) => reason);
        expect(error).toMatchObject({ code: 'target_denied', retryable: false });
        expect(await tableNow()).toEqual([]);
        expect(await rejected(modest.pool, id)).toEqual([]);
        const [found = ''] = grant.exec((error as Error).message) ?? [(error as Error).message];
        await db.plain(found);
        await runToEnd(loading, modest, id, { lanes });
        expect((await tableNow()).length).toBeGreaterThan(100);
      },
    );
  }

  const SETTINGS = [
    ['a DEFAULT', `create table sales.t (${COLUMNS}, tenant int default current_setting('app.tenant')::int)`],
    [
      'a policy',
      `create table sales.t (${COLUMNS}); alter table sales.t enable row level security;
        create policy own on sales.t using (a > current_setting('app.tenant')::int)`,
    ],
    [
      'a DEFAULT, with a name that SQL reserves,',
      `create table sales.t (${COLUMNS}, who int default current_setting('app.user')::int)`,
    ],
  ] as const;
  for (const [what, table] of SETTINGS)
    it(
      `of a setting for ${what} ends the job, and says how to set it`,
      inShortIf(what !== 'a DEFAULT'),
      async () => {
        await db.plain(`${table}; grant insert, select on sales.t to ${role}`);
        const id = await makeTargetJob(loading, modest.pool, readable);
        const error = await runToEnd(loading, modest, id, { lanes: 1 }).catch((reason: Error) => reason);
        expect(error).toMatchObject({ code: 'target_denied', retryable: false });
        const [set = ''] = /alter role "\w+" in database "\w+" set app\.(?:tenant|"user") to '…'/.exec(
          (error as Error).message,
        )!;
        expect(await rejected(modest.pool, id)).toEqual([]);
        await db.plain(set.replace('…', '-1'));
        await modest.pool.end();
        modest = { ...modest, pool: createPool(modest.connection, () => {}) };
        given.modest = modest;
        await runToEnd(loading, modest, id, { lanes: 1 });
        expect((await tableNow()).length).toBeGreaterThan(100);
      },
    );

  for (const [what, code, message] of [
    ['on a table', '42501', 'permission denied for table west'],
    ['of a setting', '42704', 'unrecognized configuration parameter "west"'],
  ] as const)
    it(
      `${what} that a trigger claims in its own words is about the row`,
      code === '42501' ? SIZED : LONG,
      async () => {
        await db.plain(`create table sales.t (${COLUMNS});
      create function sales.guard() returns trigger language plpgsql as $$ begin
        if new.region = 'west' then raise '${message}' using errcode = '${code}'; end if;
        return new; end $$;
      create trigger guards before insert on sales.t for each row execute function sales.guard();
      grant select, insert on sales.t to ${role}`);
        expect(counted(await loadsAsOneByOne(file))[code]).toBeGreaterThan(20);
      },
    );

  it(
    'on a table that a row names in a statement which a trigger composes is about the row',
    LONG,
    async () => {
      await db.plain(`create table sales.t (${COLUMNS}); create table sales.north (a int); create table sales.south (a int);
      create table sales.west (a int); grant insert on sales.north, sales.south to ${role};
      create function sales.split() returns trigger language plpgsql as $$ begin
        execute format('insert into sales.%I values ($1)', new.region) using new.a; return new; end $$;
      create trigger splits after insert on sales.t for each row execute function sales.split();
      grant select, insert on sales.t to ${role}`);
      expect(counted(await loadsAsOneByOne(file))['42501']).toBeGreaterThan(20);
    },
  );

  it('on a sequence is not needed if the file has the column, nor for an identity', async () => {
    await db.plain(`create table sales.t (a serial primary key, own int generated always as identity, region text, n int);
      grant insert on sales.t to ${role}`);
    const id = await makeTargetJob(loading, modest.pool, file);
    await runToEnd(loading, modest, id, { lanes: 1 });
    expect((await tableNow()).length).toBeGreaterThan(100);
  });
});
