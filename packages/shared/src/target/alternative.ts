/** The entries of `csvjobs.firstOf`: sources of one column. The first one with a value counts. */
import { z } from 'zod';

/** A field of the file, or several joined fields, which have a value if any of them has one. */
export const alternativeSchema = z.union(
  [
    z.string(),
    z
      .strictObject({ combine: z.array(z.string()).min(1) })
      .describe('fields joined by a space; they apply if at least one of them has a value'),
  ],
  { error: 'a field, or {"combine":["First","Last"]}' },
);
export type Alternative = z.infer<typeof alternativeSchema>;
