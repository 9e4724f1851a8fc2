/** What `csvjobs.firstOf` lists: sources of one column, of which the first that has a value counts. */
import { z } from 'zod';

/** A field of the file, or several that are joined: they have a value where one of them has. */
export const alternativeSchema = z.union(
  [
    z.string(),
    z
      .strictObject({ combine: z.array(z.string()).min(1) })
      .describe('fields joined by a space; they count where one of them has a value'),
  ],
  { error: 'a field, or {"combine":["First","Last"]}' },
);
export type Alternative = z.infer<typeof alternativeSchema>;

/** The names of the fields of an alternative, in the order in which they are joined. */
export function alternativeFields(alternative: Alternative): readonly string[] {
  return typeof alternative === 'string' ? [alternative] : alternative.combine;
}

/** As a spec says it: a field alone by its name. */
export function alternativeOf(fields: readonly string[]): Alternative {
  return fields.length === 1 ? fields[0]! : { combine: [...fields] };
}
