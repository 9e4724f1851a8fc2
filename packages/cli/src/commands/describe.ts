/** `csvjobs describe`: a table as PostgreSQL describes it, or its spec. */
import { readTableName, writeTableName } from '@csvjobs/shared';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { clean, toJson } from '../text/text.js';
import { usageError } from '../userError.js';

export async function describe(
  context: Context,
  name: string,
  { spec, yaml }: { spec: boolean; yaml: boolean },
): Promise<ExitCode> {
  // Before the daemon is asked: an address with a name that is none would be another address.
  if (!readTableName(name))
    throw usageError(
      `"${clean(name)}" is not the name of a table`,
      'it is written table or schema.table, and a name with dots or quotes in double quotes: "my.table"',
      'csvjobs tables',
    );
  const { out, json, quiet } = context;
  const found = await (await context.client()).table(name);
  const document = spec ? found.spec : found;
  if (json) out.line(toJson(document, out.tty ? 2 : undefined));
  else if (spec || yaml) out.line((await import('../text/yaml.js')).toYaml(document));
  else if (quiet) out.line(clean(writeTableName(found.table)));
  else {
    const { describeTable } = await import('../text/tableDescription.js');
    out.line((await describeTable(found, out.paint, out.columns)).join('\n'));
  }
  return EXIT.done;
}
