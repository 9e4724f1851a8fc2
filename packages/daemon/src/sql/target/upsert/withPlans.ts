/** Statements for which PostgreSQL must not choose certain plans, whatever its statistics say: they may be old. */

/**
 * @param off methods of the planner (PostgreSQL manual, section 19.7.1), without `enable_`
 * @returns one simple query, whose results include those of the settings
 */
export function withPlans(off: readonly string[], statement: string): string {
  const set = (to: string) => off.map((each) => `set local enable_${each} ${to};`).join(' ');
  return `${set('= off')} ${statement}; ${set('to default')}`;
}
