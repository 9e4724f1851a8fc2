/** `csvjobs describe`: a table as PostgreSQL describes it, or its spec. */
import { writeTableName } from '@csvjobs/shared/rules';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { clean, toJson } from '../text/text.js';
import { assertTableName } from './tableName.js';

export async function describe(
  context: Context,
  name: string,
  { spec, yaml }: { spec: boolean; yaml: boolean },
): Promise<ExitCode> {
  assertTableName(name);
  const { out, json, quiet } = context;
  const found = await (await context.client()).table(name);
  const document = spec ? found.spec : found;
  if (json) out.line(toJson(document, out.tty ? 2 : undefined));
  else if (spec || yaml) out.line((await import('../text/yaml.js')).toYaml(document));
  else if (quiet) out.line(clean(writeTableName(found.table)));
  else {
    const { describeTable } = await import('../text/tableDescription.js');
    out.hint((await describeTable(found, out.paint, out.columns)).join('\n'));
  }
  return EXIT.done;
}
