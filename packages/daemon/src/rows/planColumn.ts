/** How the rows of a target are made from the records of a file: plain data, stored on the job and sent to the thread. */
import type { TargetType } from '@csvjobs/shared';
import type { Notice } from './notice.js';
import type { Reading } from './reading.js';

/** Where a column's text is from. Positions of fields are counted from 0. */
export type ColumnFrom =
  | { kind: 'field'; position: number }
  | {
      kind: 'fields';
      positions: number[];
      /** The first field that has a value, or all that have one with a blank between. */
      join: 'first' | 'blank';
      /** With `first`, where fields are joined before one counts: all positions, as they stand together. */
      groups?: number[][];
    }
  | { kind: 'constant'; text: string };

export interface PlanColumn {
  /** The name of the target's column. */
  column: string;
  type: TargetType;
  /** A missing value is NULL; where the column or the spec takes none, the record is rejected. */
  nullable: boolean;
  from: ColumnFrom;
  /** How the spec reads the text; undefined where it says nothing. */
  reading: Reading | undefined;
  /** What stands for a missing value. */
  default?: string;
  /** It is no column of the target, but a part of the natural key by which this one is looked up. */
  lookup?: string;
}

/** A column whose values are looked up in another table. */
export interface PlannedLookup {
  /** The target's column. */
  column: string;
  /** The other table as the spec writes it, and its column that has the value. */
  table: string;
  value: string;
  /** Its columns, and the columns of the plan that they equal. */
  by: { column: string; input: string }[];
}

/** What an empty field of a column means, where that is not NULL; such a value is NULL until the row goes in. */
export interface PlannedBlank {
  /** The target's column. */
  column: string;
  /** The column's DEFAULT, or what the row of the table has: a new row has the DEFAULT then. */
  means: 'default' | 'keep';
  /** What a new row has in place of the DEFAULT. */
  fresh?: string;
}

/** What becomes of rows whose key is in the table, where they are not just rejected. */
export interface PlannedConflict {
  onConflict: 'skip' | 'update';
  updateOnly: boolean;
  /** The name of the unique index by which rows are found. */
  key: string;
  /** Rows whose key the file lacks are removed. */
  replaces?: boolean;
  /** Columns with a value that is for new rows alone. */
  newRowsOnly: string[];
}

export interface RowPlan {
  /** In the order of COPY's list of columns. Columns that nothing fills are not in it: the table's DEFAULT does. */
  columns: PlanColumn[];
  lookups: PlannedLookup[];
  /** A column of type bigint that takes the number of each record, behind all others. */
  numbered?: string;
  blanks?: PlannedBlank[];
  conflict?: PlannedConflict;
  /** What the reader should know: ignored fields, and what was assumed. One sentence each. */
  notices: Notice[];
}
