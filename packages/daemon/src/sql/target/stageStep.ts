/**
 * Difference between the numbers of two staged rows (see stage.ts); more than the records of a batch. The reading
 * thread needs it too.
 */
export const STAGE_STEP = 2 ** 20;

/**
 * Maximum number of plan columns on a stage: PostgreSQL's tables have at most 1,600 (manual, appendix K), and the
 * stage adds two of its own.
 */
export const MOST_STAGED = 1_598;
