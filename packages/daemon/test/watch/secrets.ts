/** What a log line must not contain: secrets, connection URLs, and values of rows. */
import type { Pool } from '../../src/sql/pool.js';

/** Secrets and values with a shape that identifies them anywhere. */
const SHAPES: readonly [what: string, shape: RegExp][] = [
  ['an e-mail address', /[\w.+-]{2,}@[\w-]+\.[a-z]{2,}/i],
  ['a token', /csvjobs_[\w-]{43}/],
  ['an Authorization header', /bearer [\w-]{8,}/i],
  ['a URL with a password', /\b[a-z]+:\/\/[^\s/@"]*:[^\s/@"]*@/i],
  ['a connection URL', /\b(postgres(ql)?|rediss?|unix):\/\//i],
];

/** Shorter values of rows would be found in any text. */
const SHORTEST = 6;
const ROWS = 2_000;

/** Texts from the rows of a database, including rejected ones: some thousands. */
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

/** What finds in a line what must not be there: the first such thing, or undefined. @param values secrets, and values of rows */
export function leakFinder(values: Iterable<string>): (line: string) => string | undefined {
  const shorter: string[] = [];
  // The others by their beginning: there are thousands of them, and thousands of lines.
  const beginnings = new Map<string, string[]>();
  // Plain, and escaped as JSON.
  for (const value of values)
    for (const text of new Set([value, JSON.stringify(value).slice(1, -1)])) {
      const beginning = text.slice(0, SHORTEST);
      if (beginning.length < SHORTEST) shorter.push(text);
      else beginnings.set(beginning, [...(beginnings.get(beginning) ?? []), text]);
    }

  const valueIn = (line: string): string | undefined => {
    for (let at = 0; at + SHORTEST <= line.length; at++) {
      const found = beginnings.get(line.slice(at, at + SHORTEST))?.find((text) => line.startsWith(text, at));
      if (found !== undefined) return found;
    }
    return shorter.find((text) => line.includes(text));
  };

  return (line) => {
    for (const [what, shape] of SHAPES) {
      const found = shape.exec(line);
      if (found) return `${what}: ${found[0]}`;
    }
    const value = valueIn(line);
    return value === undefined ? undefined : `a secret or a value of a row: ${value}`;
  };
}
