/**
 * Names the inheritance child in which a trigger or a rule has stored a row instead of the table itself, as before declarative
 * partitioning. PostgreSQL counts the rows that a transaction inserts into each table, so no row is searched for, and a
 * trigger that only writes elsewhere is not mistaken for one that routes. Without `track_counts`, none is named.
 *
 * Such a row is rejected all the same: keys, updates, replacing and undo concern the rows of the table itself.
 */
import { changesRows, type Target } from '@csvjobs/shared';
import { literal } from './literal.js';
import { tableOf } from './loadPlan.js';

/** Parts of a PL/pgSQL loop that inserts one row at a time. */
export interface Routed {
  variables: string;
  /** Before the first row. */
  begin: string;
  /** Before each statement that a trigger or a rule may cancel. */
  before: string;
  /** The child's name as an expression, after a statement that has stored nothing; a blank if there is none. */
  child: string;
}

const NOWHERE: Routed = { variables: '', begin: '', before: '', child: `' '` };

const COUNTS = `array(select pg_stat_get_xact_tuples_inserted(k.oid) from unnest(csvjobs$kin) with ordinality k (oid, nth) order by k.nth)`;

export function routed(target: Target): Routed {
  const mayRoute = changesRows(target) || target.rules.length > 0;
  if (target.kind !== 'table' || !mayRoute) return NOWHERE;
  const table = `${literal(tableOf(target))}::regclass`;
  return {
    variables: 'csvjobs$kin oid[]; csvjobs$had bigint[];',
    begin: `csvjobs$kin := array(
        with recursive kin as (
          select inhrelid from pg_inherits where inhparent = ${table}
          union select i.inhrelid from kin join pg_inherits i on i.inhparent = kin.inhrelid
        ) select inhrelid from kin);`,
    before: `if csvjobs$kin <> '{}' then csvjobs$had := ${COUNTS}; end if;`,
    child: `coalesce((
      select min(format('%I.%I', n.nspname, c.relname)) from unnest(csvjobs$kin, csvjobs$had) k (oid, had)
        join pg_class c on c.oid = k.oid join pg_namespace n on n.oid = c.relnamespace
      where pg_stat_get_xact_tuples_inserted(k.oid) > k.had having count(*) = 1), ' ')`,
  };
}
