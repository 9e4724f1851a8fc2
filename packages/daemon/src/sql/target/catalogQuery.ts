/**
 * The statement that reads a target from the catalog. It is a single statement because one statement sees one
 * snapshot, so it cannot see a table half changed.
 *
 * Features are detected, not assumed: a catalog column that an older PostgreSQL lacks is read through to_jsonb, where
 * it is null (pg_constraint.conenforced, PostgreSQL 18). Expressions and types are written for the search_path of the
 * connection, so a fingerprint is the same only under the same search_path.
 */

import { DEFINITIONS } from './definitionsQuery.js';
import { MISSING_RIGHTS } from './missingRightsQuery.js';
import { PARTS } from './parts.js';

/** The type below all domains of a column `a`, with what each domain on the way requires: a `ReadType`. */
export const TYPE = `
  with recursive layers as (
    select a.atttypid as oid, a.atttypmod as typmod, 0 as depth
    union all
    select t.typbasetype, case when t.typtypmod <> -1 then t.typtypmod else l.typmod end, depth + 1
    from layers l join pg_type t on t.oid = l.oid where t.typtype = 'd'
  ), base as (
    select t.*, l.typmod, n.nspname from layers l join pg_type t on t.oid = l.oid
      join pg_namespace n on n.oid = t.typnamespace
    order by depth desc limit 1
  )
  select jsonb_build_object(
    'sql', format_type(a.atttypid, a.atttypmod),
    'base', format_type(base.oid, base.typmod),
    'kind', case
      when base.typinput = 'array_in'::regproc then 'array'
      else case base.typtype when 'e' then 'enum' when 'c' then 'composite' when 'r' then 'range'
        when 'm' then 'multirange' when 'p' then 'pseudo' else 'base' end end,
    'name', base.typname,
    'system', base.nspname = 'pg_catalog',
    'typmod', base.typmod,
    'element', case when base.typinput = 'array_in'::regproc
      then (select e.typname from pg_type e where e.oid = base.typelem) end,
    'labels', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = base.oid),
    'domain', case when exists (select from layers where depth > 0) then jsonb_build_object(
      'notNull', exists (select from layers join pg_type t using (oid) where t.typtype = 'd' and t.typnotnull),
      'checks', coalesce((
        select jsonb_agg(pg_get_expr(k.conbin, 0) order by depth desc, k.conname)
        from layers join pg_constraint k on k.contypid = layers.oid and k.contype = 'c'), '[]')
    ) end
  ) || coalesce((
    select jsonb_build_object('extension', x.extname) from pg_depend d join pg_extension x on x.oid = d.refobjid
    where d.classid = 'pg_type'::regclass and d.objid = base.oid and d.refclassid = 'pg_extension'::regclass and d.deptype = 'e'
  ), '{}') || ${PARTS}
  from base`;

/** Foreign tables whose wrapper has no handler: PostgreSQL raises an error if it is asked whether they take rows. */
const HANDLERLESS = `select from pg_foreign_table f join pg_foreign_server fs on fs.oid = f.ftserver
    join (select oid from pg_foreign_data_wrapper where fdwhandler = 0) fw on fw.oid = fs.srvfdw`;

/** A view `c` that is made of such a table, directly or through other views. */
const USES_HANDLERLESS = `exists (${HANDLERLESS}) and exists (
    with recursive made_of (oid) as (
      select c.oid
      union select d.refobjid from made_of m join pg_rewrite w on w.ev_class = m.oid
        join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid and d.refclassid = 'pg_class'::regclass
    ) ${HANDLERLESS} where f.ftrelid in (select oid from made_of))`;

/** INSERT does what a rule says, instead of anything with the relation `c`. */
const ALWAYS_INSTEAD = `exists (
    select from pg_rewrite r where r.ev_class = c.oid and r.ev_type = '3' and r.is_instead and r.ev_qual::text = '<>'
      and r.ev_enabled in ('O', 'A'))`;

/**
 * A view takes all values if it has an INSTEAD OF trigger (bits 64 and 4 of tgtype) or a rule that always applies instead;
 * otherwise only for columns that are columns of the underlying table. For a foreign table, its wrapper says whether it takes rows (bit 3: INSERT).
 */
const TAKES_VALUE = `case c.relkind
  when 'v' then case when ${USES_HANDLERLESS} then false else pg_column_is_updatable(c.oid, a.attnum, false) end or exists (
    select from pg_trigger t where t.tgrelid = c.oid and t.tgtype & 68 = 68 and t.tgenabled in ('O', 'A')) or ${ALWAYS_INSTEAD}
  when 'f' then case when exists (${HANDLERLESS} where f.ftrelid = c.oid) then false
    else pg_relation_is_updatable(c.oid, false) & 8 <> 0 end
  else true end`;

export const KIND = `case c.relkind when 'p' then 'partitioned table' when 'v' then 'view' when 'f' then 'foreign table' else 'table' end`;

const MAY_INSERT = `has_column_privilege(c.oid, a.attnum, 'INSERT')`;

const ACCEPTS_VALUE = `(a.attgenerated = '' and a.attidentity <> 'a' and ${TAKES_VALUE})`;

/** The role may insert into a column, and the column takes a value. */
export const INSERTABLE = `(${MAY_INSERT} and ${ACCEPTS_VALUE})`;

/** The quoted name of a collation, by its oid. */
const COLLATION = (oid: string) => `(
  select format('%I.%I', cn.nspname, cl.collname)
  from pg_collation cl join pg_namespace cn on cn.oid = cl.collnamespace where cl.oid = ${oid})`;

const COLUMNS = `
  select jsonb_agg(jsonb_build_object(
    'name', a.attname,
    'type', (${TYPE}),
    'notNull', a.attnotnull,
    'default', case when a.attgenerated = '' then coalesce(pg_get_expr(d.adbin, d.adrelid), t.typdefault) end,
    'identity', case a.attidentity when 'a' then 'always' when 'd' then 'by default' end,
    'generated', case a.attgenerated when 's' then 'stored' when 'v' then 'virtual' end,
    'insertable', ${INSERTABLE},
    'collation', case when a.attcollation <> t.typcollation then ${COLLATION('a.attcollation')} end,
    'comment', col_description(c.oid, a.attnum)
  ) order by a.attnum)
  from pg_attribute a join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped`;

/** The columns for which a GRANT is all that is missing. */
const DENIED_COLUMNS = `
  select case when count(*) = 0 then '{}' else jsonb_build_object('deniedColumns',
    jsonb_build_object('names', jsonb_agg(a.attname order by a.attnum), 'role', current_user)) end
  from pg_attribute a
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and not ${MAY_INSERT} and ${ACCEPTS_VALUE}`;

/** Names of columns by their numbers, in the order of the numbers. */
const namesOf = (relation: string, numbers: string) => `(
  select coalesce(jsonb_agg(a.attname order by n.place), '[]')
  from unnest(${numbers}) with ordinality n (attnum, place)
    join pg_attribute a on a.attrelid = ${relation} and a.attnum = n.attnum)`;

/**
 * The columns of an index without those of its predicate. pg_depend has both together; in the stored tree of an expression, each
 * column is a VAR node with its number.
 */
const PART_COLUMNS = `
  select coalesce(jsonb_agg(a.attname order by a.attnum), '[]') from pg_attribute a where a.attrelid = c.oid and a.attnum in (
    select unnest(i.indkey[:i.indnkeyatts - 1])
    union select var[1]::int from regexp_matches(i.indexprs::text, ':varattno (\\d+)', 'g') var)`;

/** The catalog calls a key WITHOUT OVERLAPS (PostgreSQL 18) unique, but equality does not decide it: see EXCLUSIONS. */
const KEYS = `
  select jsonb_agg(jsonb_build_object(
    'name', ic.relname,
    'primary', i.indisprimary,
    'parts', (
      select jsonb_agg(jsonb_build_object(
        'column', a.attname,
        'expression', pg_get_indexdef(i.indexrelid, p.place::int, true)
          || case when l.oid is null or l.collname = 'default' then '' else ' collate ' || ${COLLATION('l.oid')} end,
        'deterministic', coalesce(l.collisdeterministic, true)
      ) order by p.place)
      from unnest(i.indkey, i.indcollation) with ordinality p (attnum, coll, place)
        left join pg_attribute a on a.attrelid = c.oid and a.attnum = p.attnum and p.attnum > 0
        left join pg_collation l on l.oid = p.coll
      where p.place <= i.indnkeyatts),
    'columns', (
      select coalesce(jsonb_agg(a.attname order by a.attnum), '[]') from pg_attribute a where a.attrelid = c.oid and a.attnum in (
        select unnest(i.indkey[:i.indnkeyatts - 1]) union select d.refobjsubid from pg_depend d
        where d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refclassid = 'pg_class'::regclass
          and d.refobjid = c.oid and d.refobjsubid > 0 and (i.indexprs is not null or i.indpred is not null))),
    'predicate', pg_get_expr(i.indpred, i.indrelid, true),
    'nullsNotDistinct', coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
    'deferrable', not i.indimmediate
  ) || case when i.indpred is null then '{}' else jsonb_build_object('partColumns', (${PART_COLUMNS})) end
    order by not i.indisprimary, ic.relname)
  from pg_index i join pg_class ic on ic.oid = i.indexrelid
  where i.indrelid = c.oid and i.indisunique and not i.indisexclusion and i.indisvalid`;

/** The last column of a foreign key is a PERIOD (PostgreSQL 18). */
const IS_PERIOD = `coalesce((to_jsonb(k) ->> 'conperiod')::boolean, false)`;

const ENFORCED = `coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)`;

const CHECKS = `
  select jsonb_agg(jsonb_build_object(
    'name', k.conname,
    'columns', ${namesOf('c.oid', 'k.conkey')},
    'expression', pg_get_expr(k.conbin, k.conrelid, true),
    'enforced', ${ENFORCED}
  ) order by k.conname)
  from pg_constraint k where k.conrelid = c.oid and k.contype = 'c'`;

/** If a key references a partitioned table, the catalog has an extra entry for each partition; these are left out. */
const FOREIGN_KEYS = `
  select jsonb_agg(jsonb_build_object(
    'name', k.conname,
    'columns', ${namesOf('c.oid', 'k.conkey')},
    'references', jsonb_build_object('schema', fn.nspname, 'name', f.relname),
    'referencedColumns', ${namesOf('k.confrelid', 'k.confkey')},
    'match', case k.confmatchtype when 'f' then 'full' when 'p' then 'partial' else 'simple' end,
    'enforced', ${ENFORCED},
    'deferrable', k.condeferrable
  ) || case when ${IS_PERIOD} then '{"period": true}'::jsonb else '{}' end order by k.conname)
  from pg_constraint k join pg_class f on f.oid = k.confrelid join pg_namespace fn on fn.oid = f.relnamespace
  where k.conrelid = c.oid and k.contype = 'f'
    and not exists (select from pg_constraint p where p.oid = k.conparentid and p.conrelid = k.conrelid)`;

const EXCLUSIONS = `
  select jsonb_agg(jsonb_build_object('name', k.conname, 'definition', pg_get_constraintdef(k.oid, true)) order by k.conname)
  from pg_constraint k join pg_index i on i.indexrelid = k.conindid
  where k.conrelid = c.oid and i.indisexclusion`;

/** The relation and its partitions. */
const TREE = 'select c.oid union select relid from pg_partition_tree(c.oid)';

/** Bits of pg_trigger.tgtype: src/include/catalog/pg_trigger.h. A trigger cloned from a parent table has tgparentid. */
const TRIGGERS = `
  select jsonb_agg(jsonb_build_object(
    'name', t.tgname,
    'timing', case when t.tgtype & 64 <> 0 then 'instead of' when t.tgtype & 2 <> 0 then 'before' else 'after' end,
    'level', case when t.tgtype & 1 <> 0 then 'row' else 'statement' end,
    'events', (
      select jsonb_agg(e.name order by e.bit) from (values (4, 'insert'), (8, 'delete'), (16, 'update'), (32, 'truncate'))
        e (bit, name) where t.tgtype & e.bit <> 0)
  ) order by t.tgrelid <> c.oid, t.tgname)
  from pg_trigger t
  where t.tgrelid in (${TREE})
    and t.tgparentid = 0 and not t.tgisinternal and t.tgenabled in ('O', 'A')`;

const RULES = `
  select jsonb_agg(r.rulename order by r.rulename) from pg_rewrite r
  where r.ev_class = c.oid and r.ev_type = '3' and r.ev_enabled in ('O', 'A')`;

/** $1 and $2 are schema and name. Returns a row, the target without its hashes; none if there is no relation. */
export const TARGET_QUERY = `
  select jsonb_build_object(
    'table', jsonb_build_object('schema', n.nspname, 'name', c.relname),
    'kind', ${KIND},
    'columns', coalesce((${COLUMNS}), '[]'),
    'keys', coalesce((${KEYS}), '[]'),
    'checks', coalesce((${CHECKS}), '[]'),
    'foreignKeys', coalesce((${FOREIGN_KEYS}), '[]'),
    'exclusions', coalesce((${EXCLUSIONS}), '[]'),
    'triggers', coalesce((${TRIGGERS}), '[]'),
    'rules', coalesce((${RULES}), '[]'),
    'rowSecurity', row_security_active(c.oid),
    'partitionKey', pg_get_partkeydef(c.oid)
  ) || coalesce((select jsonb_build_object('missingRights', m) from (${MISSING_RIGHTS}) missing (m) where m is not null and not ${ALWAYS_INSTEAD}), '{}')
    || (${DENIED_COLUMNS}) as target, coalesce((${DEFINITIONS(TREE)}), '[]') as definitions
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p', 'v', 'f')
    and has_schema_privilege(n.oid, 'USAGE')`;
