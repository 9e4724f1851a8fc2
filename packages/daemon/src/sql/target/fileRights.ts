/** The rights that the columns of a file need, in addition to those of its mode (modeRights.ts). */
import { rightsNeeded, sayMissingRights, type Target } from '@csvjobs/shared';
import type { Db } from '../pool.js';
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

/** Like `lackedByFile`, for what the description of the table says, which needs no database. */
export function lackedByRules(target: Target, plan: FilePlan): string | undefined {
  return sayMissingRights(target, rightsNeeded(target, filledBy(plan), plan.conflict?.updateOnly));
}

/** Returns a sentence with the statement that grants what the database role lacks; undefined if it lacks nothing. */
export async function lackedByFile(db: Db, target: Target, plan: FilePlan): Promise<string | undefined> {
  const { conflict } = plan;
  return (
    lackedByRules(target, plan) ?? (conflict && (await lackedToUpdate(db, target, filledBy(plan), conflict)))
  );
}
