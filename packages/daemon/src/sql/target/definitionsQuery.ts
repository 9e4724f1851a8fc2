/**
 * What decides about rows beside the columns and constraints of a table: the definitions of its triggers, rules and policies
 * (for a view, also of its query), and of all functions that these, its constraints, indexes, defaults and domains call.
 *
 * PostgreSQL records what an expression calls (pg_depend), also within SQL functions with BEGIN ATOMIC, but not within
 * bodies that are text. Its own functions are not recorded.
 */

/** An `or replace` that changes nothing has no effect on these texts. @param what a query of (classid, oid) */
const CALLED = (what: string) => `(
  with recursive calls as (
    select d.refobjid as oid from (${what}) o join pg_depend d on d.classid = o.classid and d.objid = o.oid
    where d.refclassid = 'pg_proc'::regclass
    union
    select d.refobjid from calls join pg_depend d on d.classid = 'pg_proc'::regclass and d.objid = calls.oid
    where d.refclassid = 'pg_proc'::regclass
  ) select pg_get_functiondef(p.oid) as says from calls join pg_proc p using (oid) where p.prokind <> 'a')`;

/** The domains of the columns, and the domains below them. */
const DOMAINS = `
  with recursive layers as (
    select a.atttypid as oid from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    union
    select each.oid from layers l join pg_type t on t.oid = l.oid
      cross join lateral (values (t.typbasetype), (t.typelem)) each (oid) where each.oid <> 0
  ) select oid from layers`;

/** @param tree the relation `c` and its partitions */
const OBJECTS = (tree: string) => `
  select 'pg_trigger'::regclass as classid, t.oid from pg_trigger t where t.tgrelid in (${tree}) and not t.tgisinternal
  union all select 'pg_rewrite'::regclass, r.oid from pg_rewrite r where r.ev_class = c.oid
  union all select 'pg_policy'::regclass, y.oid from pg_policy y where y.polrelid = c.oid
  union all select 'pg_attrdef'::regclass, d.oid from pg_attrdef d where d.adrelid in (${tree})
  union all select 'pg_class'::regclass, i.indexrelid from pg_index i where i.indrelid in (${tree})
  union all select 'pg_type'::regclass, t.oid from (${DOMAINS}) t
  union all select 'pg_constraint'::regclass, k.oid from pg_constraint k
    where k.conrelid in (${tree}) or k.contypid in (${DOMAINS})`;

/** A jsonb array of texts in a fixed order, for the relation `c`. @param tree a query of the oids of `c` and its partitions */
export const DEFINITIONS = (tree: string) => `
  select jsonb_agg(d.says order by d.says collate "C") from (
    select format('%s %s', t.tgenabled, pg_get_triggerdef(t.oid)) as says from pg_trigger t
      where t.tgrelid in (${tree}) and t.tgparentid = 0 and not t.tgisinternal and t.tgenabled in ('O', 'A')
    union all select format('%s %s', r.ev_enabled, pg_get_ruledef(r.oid)) from pg_rewrite r where r.ev_class = c.oid
    union all select array_to_string(c.reloptions, ',') where c.relkind = 'v'
    union all select format('policy %s %s %s %s %s %s', y.polname, y.polcmd, y.polpermissive, y.polroles::regrole[],
        pg_get_expr(y.polqual, y.polrelid), pg_get_expr(y.polwithcheck, y.polrelid))
      from pg_policy y where y.polrelid = c.oid and c.relrowsecurity
    union all select says from ${CALLED(OBJECTS(tree))} f
  ) d where d.says is not null`;
