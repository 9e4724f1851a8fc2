/** What is known only after all records of a file were read. */
export interface CheckEnd {
  /** What only the database can judge. */
  notJudged: string[];
  /** Assumptions about values, if there were any. */
  notices?: string[];
}
