/** How to make rows of a target from the records of a file. Plain data, so it can be sent between threads. */
import type { TargetType } from '@csvjobs/shared';
import type { Notice } from './notice.js';
import type { Reading } from './reading.js';

/** The source of a column's text. Positions of fields start at 0. */
export type ColumnFrom =
  | { kind: 'field'; position: number }
  | {
      kind: 'fields';
      positions: number[];
      /** The first field that has a value, or all that have one, joined with blanks. */
      join: 'first' | 'blank';
      /** With `first`, if some alternatives join several fields: all positions, grouped by alternative. */
      groups?: number[][];
    }
  | { kind: 'constant'; text: string };

export interface PlanColumn {
  /** The name of the target's column. */
  column: string;
  type: TargetType;
  /** True: a missing value is NULL. False: the column or the spec requires a value, and the record is rejected. */
  nullable: boolean;
  /** Set if the table has a DEFAULT for the column, which the spec may use for an empty field. */
  hasDefault?: true;
  from: ColumnFrom;
  /** How to read the text, by the spec; undefined if it does not say. */
  reading: Reading | undefined;
  /** The replacement for a missing value. */
  default?: string;
  /** Not a column of the target, but a part of the natural key by which the column with this name is looked up. */
  lookup?: string;
}

/** A column whose values are looked up in another table. */
export interface PlannedLookup {
  /** The target's column. */
  column: string;
  /** The other table, as written in the spec, and its column with the value. */
  table: string;
  value: string;
  /** Columns of the other table, and the columns of the plan that they must equal. */
  by: { column: string; input: string }[];
}

/** What an empty field of a column means, if not NULL. Such a value is NULL until the row is inserted. */
export interface PlannedBlank {
  /** The target's column. */
  column: string;
  /** The column's DEFAULT, or the value of the existing row; with `keep`, a new row gets the DEFAULT. */
  means: 'default' | 'keep';
  /** The value of a new row, instead of the DEFAULT. */
  fresh?: string;
}

/** What happens to records whose key is already in the table, if they are not simply rejected. */
export interface PlannedConflict {
  onConflict: 'skip' | 'update';
  updateOnly: boolean;
  /** The name of the unique index that finds rows. */
  key: string;
  /** Rows whose key is not in the file are removed. */
  replaces?: boolean;
  /** Columns whose value is for new rows only. */
  newRowsOnly: string[];
}

export interface RowPlan {
  /** In the order of COPY's column list. Columns without a source are left out, so the table's DEFAULT fills them. */
  columns: PlanColumn[];
  lookups: PlannedLookup[];
  /** A column of type bigint, after all others, for the number of each record. */
  numbered?: string;
  blanks?: PlannedBlank[];
  conflict?: PlannedConflict;
  /** What the user should know: ignored fields and assumptions, one sentence each. */
  notices: Notice[];
}
