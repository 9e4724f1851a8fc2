/** What is known of a file only when all its records were read. */
export interface CheckEnd {
  /** What only the database can judge. */
  notJudged: string[];
  /** What was assumed of values, where anything was. */
  notices?: string[];
}
