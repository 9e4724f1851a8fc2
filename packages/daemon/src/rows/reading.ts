/** How a spec reads the text of a column, as plain data. */
export interface Reading {
  /** Words that mean no value, to the letter. Without a reading the empty text alone does. */
  missing: readonly string[];
}
