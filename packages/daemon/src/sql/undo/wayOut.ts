/** What can be done by hand where an undo is refused. */
import { CUSTOMERS } from '@csvjobs/shared';
import type { WayOut } from './target.js';

export const byHand: WayOut = ({ id, targetTable }) => {
  const condition = targetTable === CUSTOMERS ? `job_id = '${id}'` : '<what tells its rows from others>';
  return `nothing was changed; what is left is a statement of your own: delete from ${targetTable} where ${condition}`;
};
