/** The rights that the columns of a file need, in addition to those of its mode (modeRights.ts). */
import type { Target } from '@csvjobs/shared';
import type { Db } from '../pool.js';
import { lackedSequences } from './sequenceRights.js';
import { type FileConflict, lackedToUpdate } from './updateRights.js';

/** What a plan of the file's rows says about the table's columns. */
export interface FilePlan {
  columns: readonly { column: string; lookup?: string | undefined }[];
  numbered?: string;
  conflict?: FileConflict;
}

/** Returns the columns of the table that a file fills. */
export function filledBy({ columns, numbered }: FilePlan): string[] {
  const own = columns.map(({ column, lookup }) => lookup ?? column);
  return [...new Set(numbered === undefined ? own : [...own, numbered])];
}

/** Returns a sentence with the statement that grants what the database role lacks; undefined if it lacks nothing. */
export async function lackedByFile(db: Db, target: Target, plan: FilePlan): Promise<string | undefined> {
  const filled = filledBy(plan);
  // Only new rows take numbers.
  const lacked = plan.conflict?.updateOnly ? undefined : await lackedSequences(db, target, filled);
  return lacked ?? (plan.conflict && (await lackedToUpdate(db, target, filled, plan.conflict)));
}
