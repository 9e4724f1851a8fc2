/**
 * The rights that expressions of a table need and the current role lacks: EXECUTE on functions, USAGE on sequences.
 *
 * PostgreSQL checks EXECUTE on each function of an expression before it evaluates any of it, as the role that inserts. The functions
 * are read from the stored expression, because pg_depend leaves out those of PostgreSQL and those of operators. What a function does
 * in turn is not known here: only the load finds it (denied.ts).
 */

/** A function `p` of the schema `n` as GRANT names it. */
export const FUNCTION = `format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))`;

/** A sequence `s` of the schema `n`. */
const SEQUENCE = `format('%I.%I', n.nspname, s.relname)`;

/**
 * What PostgreSQL evaluates for a new row of the relation `c`, as (place, rule, name, expression, classid, objid). Partitions may
 * have further rules, but not each row gets to them. Checks of a foreign table are those of its server, and a virtual
 * column is computed when it is read.
 */
const EXPRESSIONS = `
  select 1, case when a.attgenerated = '' then 'default' else 'generated' end, a.attname, coalesce(d.adbin, t.typdefaultbin)::text,
    case when d.oid is null then 'pg_type'::regclass else 'pg_attrdef'::regclass end, coalesce(d.oid, t.oid)
  from pg_attribute a join pg_type t on t.oid = a.atttypid
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated <> 'v' and a.attidentity = ''
  union all select 2, 'check', k.conname, k.conbin::text, 'pg_constraint'::regclass, k.oid from pg_constraint k
    where k.conrelid = c.oid and k.contype = 'c' and c.relkind <> 'f' and coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true)
  union all select 3, 'index', ic.relname, concat(i.indexprs, i.indpred), 'pg_class'::regclass, ic.oid
    from pg_index i join pg_class ic on ic.oid = i.indexrelid where i.indrelid = c.oid and i.indisready
  union all select 4, 'partitioning', c.relname, p.partexprs::text, 'pg_class'::regclass, c.oid from pg_partitioned_table p
    where p.partrelid = c.oid
  union all select 5, 'trigger', t.tgname, t.tgqual::text, 'pg_trigger'::regclass, t.oid from pg_trigger t
    where t.tgrelid = c.oid and t.tgtype & 4 <> 0 and not t.tgisinternal and t.tgenabled in ('O', 'A')`;

/**
 * For the relation `c`: a jsonb array, or null. A default that only names a sequence may pass it to a function that needs no right,
 * so one counts only beside nextval(regclass), whose oid is 1574. Either right is enough for it.
 */
export const MISSING_RIGHTS = `
  select jsonb_agg(jsonb_build_object('rule', e.rule, 'name', e.name, 'right', m."right", 'object', m.kind || ' ' || m.object,
      'grant', format('grant %s on %s %s to "%s"', lower(m."right"), m.kind, m.object, replace(current_user, '"', '""')))
    order by e.place, e.name, m.kind, m.object)
  from (${EXPRESSIONS}) e (place, rule, name, expression, classid, objid)
    cross join lateral (
      select 'EXECUTE', 'function', ${FUNCTION}
      from (select distinct (regexp_matches(e.expression, ':(?:op)?funcid (\\d+)', 'g'))[1]::oid) called (oid)
        join pg_proc p on p.oid = called.oid join pg_namespace n on n.oid = p.pronamespace
      where not has_function_privilege(p.oid, 'EXECUTE')
      union all
      select distinct 'USAGE', 'sequence', ${SEQUENCE}
      from pg_depend d join pg_class s on s.oid = d.refobjid join pg_namespace n on n.oid = s.relnamespace
      where d.classid = e.classid and d.objid = e.objid and d.refclassid = 'pg_class'::regclass
        and e.rule = 'default' and e.expression ~ ':funcid 1574 '
        -- PostgreSQL refuses to answer for what is no sequence, and chooses the order of conditions.
        and case s.relkind when 'S' then not has_sequence_privilege(s.oid, 'USAGE, UPDATE') else false end
    ) m ("right", kind, object)`;
