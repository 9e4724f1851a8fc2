/**
 * The types within a type: attributes of composite types, items of arrays and bounds of ranges, at any depth and under
 * domains. SQL cannot nest to any depth, so the query lists all types that a type reaches, and `nested` puts them together.
 * PostgreSQL allows no type within itself.
 */
import type { PartType, TargetType } from '@csvjobs/shared';

/** A type that another one reaches, by oid. */
interface Reached {
  name: string;
  system: boolean;
  /** Of a domain: the type below it, and the modifier of that. */
  under?: [oid: string, typmod: number];
  labels?: string[];
  attributes?: [oid: string, typmod: number][];
  item?: string;
  bound?: string;
}

/** A type as the query describes it. */
export type ReadType = TargetType & { parts?: { root: string; types: Record<string, Reached> } };

/** The parts of a type whose row of pg_type is `base`; an empty object if it has none that its name does not tell. */
export const PARTS = `case when base.typtype = 'c' or base.nspname <> 'pg_catalog' and (base.typtype in ('r', 'm') or base.typinput = 'array_in'::regproc)
    or base.typinput = 'array_in'::regproc and exists (select from pg_type e where e.oid = base.typelem and e.typtype = 'c')
  then jsonb_build_object('parts', jsonb_build_object('root', base.oid, 'types', (
    with recursive parts as (
      select base.oid
      union
      select each.oid from parts p join pg_type t on t.oid = p.oid cross join lateral (
        select t.typelem where t.typinput = 'array_in'::regproc
        union all select t.typbasetype
        union all select a.atttypid from pg_attribute a
          where t.typtype = 'c' and a.attrelid = t.typrelid and a.attnum > 0 and not a.attisdropped
        union all select r.rngsubtype from pg_range r where t.oid in (r.rngtypid, r.rngmultitypid)
      ) each (oid) where each.oid <> 0
    )
    select jsonb_object_agg(t.oid, jsonb_strip_nulls(jsonb_build_object(
      'name', t.typname,
      'system', t.typnamespace = 'pg_catalog'::regnamespace,
      'under', case when t.typtype = 'd' then jsonb_build_array(t.typbasetype, t.typtypmod) end,
      'labels', (select jsonb_agg(e.enumlabel order by e.enumsortorder) from pg_enum e where e.enumtypid = t.oid),
      'attributes', case when t.typtype = 'c' then (
        select jsonb_agg(jsonb_build_array(m.atttypid, m.atttypmod) order by m.attnum)
        from pg_attribute m where m.attrelid = t.typrelid and m.attnum > 0 and not m.attisdropped) end,
      'item', case when t.typinput = 'array_in'::regproc then t.typelem end,
      'bound', (select r.rngsubtype from pg_range r where t.oid in (r.rngtypid, r.rngmultitypid))
    ))) from parts join pg_type t using (oid))))
  else '{}' end`;

/** Returns a type with its parts nested. Hashes of targets depend on the order of the properties. */
export function nested({ parts, ...type }: ReadType): TargetType {
  if (!parts) return type;
  const { types, root } = parts;
  const whole = partOf(types, root, type.typmod);
  const { attributes, item, bound } = whole;
  const itself = types[types[root]!.item ?? ''];
  const saysMore = itself?.under || item?.labels || item?.attributes || item?.bound;
  const hasTimes = Object.values(types).some(({ name, system }) => system && name === 'timestamptz');
  return {
    ...type,
    ...(attributes && { attributes }),
    ...(saysMore && { item }),
    ...(bound && { bound }),
    ...(hasTimes && !type.system && { timesInside: true as const }),
  };
}

/** Describes the type under all domains of a type. */
function partOf(types: Record<string, Reached>, oid: string, typmod: number): PartType {
  const { name, system, under, labels, attributes, item, bound } = types[oid]!;
  if (under) return partOf(types, ...under);
  return {
    name,
    ...(labels && { labels }),
    system,
    typmod,
    ...(attributes && { attributes: attributes.map(([each, mod]) => partOf(types, each, mod)) }),
    ...(item !== undefined && { item: partOf(types, item, typmod) }),
    // The name of a built-in range tells its bounds.
    ...(bound !== undefined && !system && { bound: partOf(types, bound, -1) }),
  };
}
