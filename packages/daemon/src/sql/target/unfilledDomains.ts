/**
 * Domains whose checks refuse NULL (`check (value is not null)`), of columns that a file leaves out. INSERT applies such a
 * check, but COPY only to the columns of its list: it would store a row that the table's owner forbids.
 */
import type { Db } from '../pool.js';
import type { LoadPlan } from './loadPlan.js';

/** Returns whether INSERT may refuse every row because of a column that the plan does not fill. */
export async function refusesUnfilled(db: Db, { target, columns }: LoadPlan): Promise<boolean> {
  const filled = new Set(columns.map(({ name }) => name));
  const types = target.columns
    .filter(
      ({ name, default: value, generated }) => !filled.has(name) && value === null && generated === null,
    )
    .flatMap(({ type }) => (type.domain && type.domain.checks.length > 0 ? [type.sql] : []));
  for (const type of new Set(types)) {
    // Whatever the error is, the insert of a row will show it.
    const isNull = await db.query(`select null::${type}`).then(
      () => true,
      () => false,
    );
    if (!isNull) return true;
  }
  return false;
}
