/** Rules of tables that tests pick at random. */
import { TESTED_VERSION } from '../../support/versions.js';

/**
 * What a table `t (a int, b text, c int, d int)` may have, next to `p (id)`; each alone, and any of them
 * together.
 */
export const TRAITS: Record<string, string> = {
  notNull: 'alter table t alter a set not null',
  primary: 'alter table t add primary key (a)',
  compound: 'alter table t add unique (a, b)',
  text: 'alter table t add unique (b)',
  folded: 'create unique index on t (lower(b))',
  partial: 'create unique index on t (c) where a > 1',
  nulls: 'alter table t add unique nulls not distinct (c)',
  deferrable: 'alter table t add unique (d) deferrable initially deferred',
  check: 'alter table t add check (a < 4)',
  checkTwo: `alter table t add check (a <> c or b <> 'x')`,
  collated: `create collation any_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    alter table t alter b type text collate any_case, add check (b in ('x', 'ä'))`,
  ...(TESTED_VERSION >= 18 && {
    notEnforced: 'alter table t add check (a > 100) not enforced',
    foreignNotEnforced: 'alter table t add foreign key (c) references p (id) not enforced',
  }),
  foreign: 'alter table t add foreign key (c) references p (id)',
  foreignLate: 'alter table t add foreign key (d) references p (id) deferrable initially deferred',
  self: 'alter table t add unique (d), add foreign key (c) references t (d)',
  exclude: `create extension if not exists btree_gist; alter table t add exclude using gist (a with =)`,
  domain: 'create domain small as int not null check (value < 4); alter table t alter a type small',
  filled: 'create domain filled as int check (value is not null); alter table t alter c type filled',
  raises: trigger('before', `if new.a = 3 then raise exception 'no threes'; end if; return new`),
  drops: trigger('before', `if new.b = 'x' then return null; end if; return new`),
  changes: trigger('before', `new.a := coalesce(new.a, 0) + 1; new.b := upper(new.b); return new`),
  rekeys: `alter table t add unique (a); ${trigger('before', 'new.a := coalesce(new.c, new.a); return new')}`,
  raisesAfter: trigger(
    'after',
    `if new.a = 2 then raise exception 'no twos' using errcode = '23514'; end if; return null`,
  ),
  rule: `create rule r as on insert to t where new.a = 1 do instead nothing`,
};

function trigger(when: string, body: string): string {
  return `create function f_${when}_${body.length}() returns trigger language plpgsql as $$ begin ${body}; end $$;
    create trigger t_${when}_${body.length} ${when} insert on t for each row execute function f_${when}_${body.length}()`;
}
