/** Rights without which PostgreSQL refuses a file whatever its records are, as far as its header and the table say. */
import type { JobInto } from '../sql/jobTarget.js';
import { lackedByRules } from '../sql/target/fileRights.js';
import { type Header, rowPlanOf } from './header.js';

/**
 * Returns a sentence with the statements that grant them. For customers only the job knows, because it decides how they are
 * loaded.
 * @param header undefined if it is not certain yet
 */
export function missingRights(into: JobInto, header: Header | undefined): string | undefined {
  const plan = rowPlanOf(header);
  return into?.target && !into.customers && plan ? lackedByRules(into.target, plan) : undefined;
}
