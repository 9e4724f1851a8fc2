/** The numbers from one staged row to the next (see stage.ts); a batch has fewer records. The reading thread needs it too. */
export const STAGE_STEP = 2 ** 20;

/** The columns of a plan that a stage has room for: PostgreSQL's tables have 1,600 at most (manual, appendix K), and the stage has two of its own. */
export const MOST_STAGED = 1_598;
