/**
 * Rows inserted by every path, then random changes by others: an undo leaves what an oracle expects, which
 * remembers each row's job and which rows were changed.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { sized, sizedIf } from '../../support/form.js';
import { many, openUndoing, type Undoing } from './undoing.js';

let u: Undoing;
beforeAll(async () => {
  u = await openUndoing();
});
afterAll(() => u.close());

const ROWS = 120;

/** Tables whose rows are loaded straight or sifted, staged, one by one, and into partitions. */
const TABLES: Record<string, string> = {
  plain: 'create table u.t (a int, b int check (b % 9 <> 5), c int)',
  keyed: 'create table u.t (a int primary key, b int, c int)',
  twice: 'create table u.t (a int primary key, b int unique, c int)',
  tree: 'create table u.t (a int primary key, b int references u.t deferrable, c int)',
  parts: `create table u.t (a int primary key, b int, c int) partition by range (a);
    create table u.t1 partition of u.t for values from (minvalue) to (60);
    create table u.t2 partition of u.t for values from (60) to (maxvalue)`,
};

/**
 * Some repeat a key of an earlier row, by one key or the other; in a tree each refers to the previous one.
 */
function record(name: string, first: number, at: number): (string | number)[] {
  const a = first + (at % 11 === 3 ? at - 1 : at);
  if (name === 'tree') return [a, at % 7 === 0 ? '' : first + at - 1];
  return [a, first + (at % 17 === 5 && at > 20 ? at - 20 : at)];
}

/** Refuses to delete some rows. */
const GUARD = `create or replace function u.guard() returns trigger language plpgsql as $$ begin
    if exists (select from u.guarded where a = old.a) then raise 'guarded'; end if; return old; end $$;
  create or replace trigger guard before delete on u.t for each row execute function u.guard()`;

const change = fc.record({
  kind: fc.constantFrom('update', 'delete', 'reference', 'guard', 'rollback', 'insert', 'maintain'),
  rows: fc.uniqueArray(fc.nat(2 * ROWS), { maxLength: 12 }),
  how: fc.constantFrom(
    ...[
      'vacuum (freeze) u.t',
      'vacuum full u.t',
      'analyze u.t',
      'alter table u.t add column if not exists d int default 4',
    ],
  ),
});

for (const name of Object.keys(TABLES))
  it(`a table that is ${name}`, sizedIf(['tree', 'parts'].includes(name)), async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(change, { maxLength: 6 }), fc.boolean(), async (changes, twoLanes) => {
        await u.sql(
          `drop schema u cascade; create schema u; ${TABLES[name]}; create table u.ref (a int); create table u.guarded (a int)`,
        );
        if (name !== 'plain')
          await u.sql('alter table u.ref add foreign key (a) references u.t (a) on delete cascade');
        await u.sql('insert into u.t (a) select generate_series(10000, 10020)');
        const ids: string[] = [];
        for (const first of [0, ROWS])
          ids.push(
            await u.into(
              't',
              ['a', 'b'],
              many(ROWS, (at) => record(name, first, at)),
              {
                lanes: twoLanes ? 2 : 1,
              },
            ),
          );
        const before = await u.sql('select a from u.t');
        const touched = new Set<number>();
        const referenced = new Set<number>();
        const guarded = new Set<number>();
        for (const { kind, rows, how } of changes) {
          const list = rows.join(', ') || 'null';
          if (kind === 'update') {
            const changed = await u.sql(
              `update u.t set c = coalesce(c, 0) + 1 where a in (${list}) returning a`,
            );
            for (const { a } of changed) touched.add(a as number);
          } else if (kind === 'delete' && name !== 'tree') {
            for (const a of rows)
              await u.sql(
                `delete from u.t where a = $1 and not exists (select from u.ref where ref.a = $1)
                 and not exists (select from u.guarded where guarded.a = $1)`,
                [a],
              );
          } else if (kind === 'guard') {
            if (guarded.size === 0) await u.sql(GUARD);
            for (const a of rows) {
              if (!guarded.has(a)) await u.sql('insert into u.guarded values ($1)', [a]);
              guarded.add(a);
            }
          } else if (kind === 'reference' && name !== 'plain') {
            const added = await u.sql(`insert into u.ref select a from u.t where a in (${list}) returning a`);
            for (const { a } of added) referenced.add(a as number);
          } else if (kind === 'rollback') {
            await u.database.plain(`begin; update u.t set c = 99 where a in (${list}); rollback`);
          } else if (kind === 'insert') {
            await u.sql(`insert into u.t (a) select x from unnest(array[${rows.map((a) => a + 20000).join(', ')}]::int[]) x
            where not exists (select from u.t where t.a = x)`);
          } else await u.database.plain(how);
        }
        const all = (await u.sql('select a, b from u.t')) as { a: number; b: number | null }[];
        const isOurs = ({ a }: { a: number }) => a >= ROWS && a < 2 * ROWS;
        const stays = new Set(
          all
            .filter(
              (row) => isOurs(row) && (touched.has(row.a) || referenced.has(row.a) || guarded.has(row.a)),
            )
            .map(({ a }) => a),
        );
        // Rows referenced by a row that stays.
        if (name === 'tree')
          for (let size = -1; size !== stays.size; ) {
            size = stays.size;
            for (const row of all) if (stays.has(row.a) && row.b !== null) stays.add(row.b);
          }
        const result = await u.undo(ids[1]!);
        const left = (await u.sql('select a from u.t order by a')).map(({ a }) => a);
        const expected = all.filter((row) => !isOurs(row) || stays.has(row.a)).map(({ a }) => a);
        expect(left).toEqual(expected.sort((one, other) => one - other));
        expect(result.removed).toBe(all.length - left.length);
        expect(result.removed + result.referenced + result.refused + result.missing).toBe(result.inserted);
        expect(before.filter((row) => isOurs(row as { a: number }))).toHaveLength(result.inserted);
      }),
      { numRuns: sized(2, 12, 1), seed: sized(20261126, Date.now()) },
    );
  });
