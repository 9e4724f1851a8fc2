/** The numbers from one staged row to the next (see stage.ts); a batch has fewer records. The reading thread needs it too. */
export const STAGE_STEP = 2 ** 20;
