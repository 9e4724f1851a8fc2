/** What no line of a log may have: secrets, connection URLs, and values of rows. */
import type { Pool } from '../../src/sql/pool.js';

/** Secrets and values that have a shape by which they are known wherever they stand. */
const SHAPES: readonly [what: string, shape: RegExp][] = [
  ['an e-mail address', /[\w.+-]{2,}@[\w-]+\.[a-z]{2,}/i],
  ['a token', /csvjobs_[\w-]{43}/],
  ['an Authorization header', /bearer [\w-]{8,}/i],
  ['a URL with a password', /\b[a-z]+:\/\/[^\s/@"]*:[^\s/@"]*@/i],
  ['a connection URL', /\b(postgres(ql)?|rediss?|unix):\/\//i],
];

/** Shorter values of rows are found in any text. */
const SHORTEST = 6;
const ROWS = 2_000;

/** Texts that stand in the rows of a database, rejected ones too: some thousand of them. */
export async function rowValues(pool: Pick<Pool, 'query'>): Promise<string[]> {
  const { rows } = await pool.query<{ value: string }>(
    `select distinct value from (
       select unnest(array[name, email, phone, company]) as value from (select * from customers limit $1) c
       union all select value from (select row from job_errors limit $1) e, jsonb_each_text(row)) v
     where length(value) >= $2`,
    [ROWS, SHORTEST],
  );
  return rows.map(({ value }) => value);
}

/** What is in a line and must not be: the first such thing, or undefined. */
export function leakIn(line: string, values: Iterable<string>): string | undefined {
  for (const [what, shape] of SHAPES) {
    const found = shape.exec(line);
    if (found) return `${what}: ${found[0]}`;
  }
  for (const value of values) {
    // As it is, and as JSON writes it into a line.
    if (line.includes(value) || line.includes(JSON.stringify(value).slice(1, -1)))
      return `a secret or a value of a row: ${value}`;
  }
  return undefined;
}
