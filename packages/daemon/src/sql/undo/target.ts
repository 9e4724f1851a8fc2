/** The table of a job to undo: checks whether the stored ids still identify its rows. */
import { CUSTOMERS, listed, type ProblemCode, quoteIdentifier } from '@csvjobs/shared';
import { Failure } from '../../failure.js';
import type { Db } from '../pool.js';
import { CURRENT, filesOf, journalColumns } from './transactionIds.js';

/** What a job has stored for its undo, and where its rows are. */
export interface UndoTarget {
  jobId: string;
  /** Quoted for SQL. */
  table: string;
  /**
   * Its rows that a key of it covers, quoted for SQL: for a partitioned table those of its partitions, but not those of tables that
   * inherit from it.
   */
  rows: string;
  /** Its oid. */
  relation: number;
  /** Condition on its rows with this alias, in addition to their ids: rows of customers name their job. */
  own(alias: string): string;
  isCustomers: boolean;
  inserted: number;
  updated: number;
  removed: number;
  /** Columns and types of the table when rows were updated or removed; null if none were. */
  columns: { name: string; type: string }[] | null;
  /** They are those that the table has now. */
  hasColumns: boolean;
  /** Some of the table's files were replaced since the load. */
  rewritten: boolean;
  /**
   * How many rows of the table its transactions have changed or removed besides: those of triggers, rules and cascades.
   * Null if that is unknown for any of them.
   */
  changedOthers: number | null;
  /** The role that undoes, for a GRANT statement. */
  role: string;
}

/** The part of a job's row that its undo needs. */
export interface KeptJob {
  id: string;
  targetTable: string;
  /** Rows that the job has inserted, updated or removed, by its own counts. */
  counted: number;
  swept: boolean;
}

interface Kept {
  entries: number;
  inserted: number;
  updated: number;
  removed: number;
  same_cluster: boolean;
  same_database: boolean;
  same_relation: boolean;
  rewritten: boolean;
  too_old: boolean;
  changed_others: number | null;
  columns: { name: string; type: string }[] | null;
  several_columns: boolean;
  /** Columns of the journal that the table does not have any more, although another one may have such a name now. */
  lost_columns: string[];
  /** Null if nothing was updated or removed. */
  same_columns: boolean | null;
  role: string;
}

interface Relation {
  oid: number;
  name: string;
  kind: string;
  readable: boolean;
}

const KIND_NAMES: Readonly<Record<string, string>> = { v: 'a view', f: 'a foreign table' };

/**
 * @param wayOut the advice at the end of a refusal
 * @throws {Failure} `undo_not_kept`, `undo_impossible`, `undo_refused`
 */
export async function findUndoTarget(db: Db, job: KeptJob, wayOut: string): Promise<UndoTarget> {
  const stop = (code: ProblemCode, why: string) => new Failure(code, `${why}; ${wayOut}`);
  if (job.swept) {
    const why = 'its transaction IDs were kept for RETAIN_UNDO, which has passed';
    throw stop('undo_not_kept', why);
  }
  const relation = await findRelation(db, job.targetTable);
  const kept = await readKept(db, job);
  if (kept.entries === 0 || kept.inserted + kept.updated + kept.removed < job.counted)
    throw stop('undo_not_kept', 'a daemon has loaded it that did not keep the ids of its transactions');
  const impossible = whyImpossible(job, kept, relation);
  if (impossible) throw stop('undo_impossible', impossible);
  const { oid, name, kind, readable } = relation!;
  if (!readable)
    throw new Failure(
      'undo_refused',
      `the role ${kept.role} may not read ${name}; its owner can grant it: grant select on ${name} to ${quoteIdentifier(kept.role)}`,
    );
  const isCustomers = job.targetTable === CUSTOMERS;
  return {
    jobId: job.id,
    table: name,
    rows: kind === 'p' ? name : `only ${name}`,
    relation: oid,
    own: (alias) => (isCustomers ? `and ${alias}.job_id = '${job.id}'` : ''),
    isCustomers,
    inserted: kept.inserted,
    updated: kept.updated,
    removed: kept.removed,
    columns: kept.columns,
    hasColumns: kept.same_columns ?? false,
    rewritten: kept.rewritten,
    changedOthers: kept.changed_others,
    role: kept.role,
  };
}

function whyImpossible(
  { targetTable }: KeptJob,
  kept: Kept,
  relation: Relation | undefined,
): string | undefined {
  if (!relation) return `there is no table ${targetTable} any more`;
  const kind = KIND_NAMES[relation.kind];
  if (kind) return `${targetTable} is ${kind}, whose rows have no transaction ids`;
  if (!kept.same_cluster || !kept.same_database)
    return 'the database was restored or moved since the job, and the ids of its transactions mean nothing here';
  if (!kept.same_relation)
    return `${targetTable} is another table now than the one that the job was loaded into`;
  if (kept.too_old) return 'the job is more than two billion transactions old';
  if (kept.several_columns) return `${targetTable} had other columns in the middle of the job`;
  if (kept.lost_columns.length > 0)
    return `${targetTable} has no column ${listed(kept.lost_columns)} any more that it had then: renamed or dropped since the job, so the old values have no place`;
  return undefined;
}

async function findRelation(db: Db, table: string): Promise<Relation | undefined> {
  const { rows } = await db.query<Relation>(
    `select c.oid::bigint as oid, format('%I.%I', n.nspname, c.relname) as name, c.relkind as kind,
       has_table_privilege(c.oid, 'SELECT') as readable
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = to_regclass($1)`,
    [table],
  );
  return rows[0];
}

/** Older versions have stored the columns of a table without their numbers. */
const withoutNumbers = (columns: string) =>
  `(jsonb_path_query_array(${columns}, '$[*].name') || jsonb_path_query_array(${columns}, '$[*].type'))`;
const isNumbered = (columns: string) => `(${columns} #> '{0,number}' is not null)`;

async function readKept(db: Db, { id, targetTable }: KeptJob): Promise<Kept> {
  const { rows } = await db.query<Kept>(
    `with here as (
       select csvjobs_cluster() as cluster, to_regclass($2) as relation, ${filesOf('to_regclass($2)')} as files,
         ${journalColumns('to_regclass($2)')} as columns,
         (select oid from pg_database where datname = current_database()) as database)
     select count(*) as entries, coalesce(sum(inserted), 0)::bigint as inserted, coalesce(sum(updated), 0)::bigint as updated,
       coalesce(sum(removed), 0)::bigint as removed,
       bool_and(k.cluster is not distinct from here.cluster) as same_cluster,
       bool_and(k.database = here.database) as same_database,
       bool_and(k.relation is not distinct from here.relation) as same_relation,
       bool_or(k.files is distinct from here.files) as rewritten,
       ${CURRENT} - min(xid) >= 2147483648 as too_old,
       case when count(*) = count(k.changed_others) then sum(k.changed_others)::bigint end as changed_others,
       (array_agg(k.columns) filter (where k.columns is not null))[1] as columns,
       count(distinct ${withoutNumbers('k.columns')}) > 1
         or count(distinct k.columns) filter (where ${isNumbered('k.columns')}) > 1 as several_columns,
       array(select distinct c ->> 'name' from job_transactions o, jsonb_array_elements(o.columns) c
         where o.job_id = $1 and o.columns is not null and not exists (
           select from pg_attribute where attrelid = to_regclass($2) and attname = c ->> 'name' and attnum > 0 and not attisdropped
             and attnum = coalesce((c ->> 'number')::int, attnum))
         order by 1) as lost_columns,
       bool_and(${withoutNumbers('k.columns')} = ${withoutNumbers('here.columns')}
         and (k.columns = here.columns or not ${isNumbered('k.columns')})) as same_columns,
       current_user::text as role
     from job_transactions k cross join here where job_id = $1`,
    [id, targetTable],
  );
  return rows[0]!;
}
