/** `csvjobs schema`: JSON Schema (2020-12) of what the commands print with --json. */
import { OUTPUT_SCHEMAS, type OutputSchema } from '@csvjobs/shared';
import { z } from 'zod';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { table } from '../text/table.js';
import { toJson } from '../text/text.js';
import { usageError } from '../userError.js';

/** Prints one schema by its name; without a name, lists them (with --json prints all). */
export async function schema({ out, json }: Context, name: string | undefined): Promise<ExitCode> {
  const all = Object.entries(OUTPUT_SCHEMAS);
  if (name !== undefined) {
    const found = OUTPUT_SCHEMAS[name];
    if (!found)
      throw usageError(
        `There is no schema "${name}"`,
        `the outputs are ${all.map(([known]) => known).join(', ')}`,
        'csvjobs schema',
      );
    out.line(toJson(published(name, found), 2));
  } else if (json) {
    out.line(toJson(Object.fromEntries(all.map(([each, found]) => [each, published(each, found)])), 2));
  } else {
    const rows = all.map(([each, { about }]) => [{ text: each }, { text: about }]);
    const columns = [{ title: 'NAME' }, { title: 'WHAT', flexible: { min: 20 } }];
    for (const line of await table(columns, rows, out.columns, out.paint.dim)) out.line(line);
  }
  return EXIT.done;
}

function published(name: string, { about, schema: found }: OutputSchema): object {
  const { $schema, ...rest } = z.toJSONSchema(found);
  return {
    $schema,
    $id: `urn:csvjobs:schema:${name}`,
    title: `csvjobs ${name}`,
    description: about,
    ...rest,
  };
}
