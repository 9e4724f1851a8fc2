/** Makes a table and reads it from the catalog. */
import type { Target } from '@csvjobs/shared';
import { readTarget } from '../../../src/sql/target/catalog.js';
import type { TestDatabase } from '../../support/postgres.js';

/** Runs DDL in its own schema and reads the table `t`, or another, there. */
export type ReadTable = (ddl: string, name?: string) => Promise<Target>;

export function tableReader({ pool }: TestDatabase): ReadTable {
  let count = 0;
  return async (ddl, name = 't') => {
    const schema = `s${++count}`;
    await pool.query(`begin; create schema ${schema}; set local search_path = ${schema}; ${ddl}; commit`);
    const found = await readTarget(pool, { schema, name });
    if (!found) throw new Error('the table was not found');
    return found;
  };
}
