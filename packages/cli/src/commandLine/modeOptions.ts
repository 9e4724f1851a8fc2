/** Options for what happens to records whose key the table has; all are written into the spec. */
import { BLANKS, ON_CONFLICT } from '@csvjobs/shared/rules';
import { type Command, Option } from 'commander';

export function addMode(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--on-conflict <how>',
        'a row whose key is in the table is rejected (default), skipped, or updated with what the file has',
      ).choices([...ON_CONFLICT]),
    )
    .option(
      '--key <columns>',
      'the unique key by which rows are found: sku, or order_id,line (default: the only one that the file has)',
    )
    .addOption(
      new Option(
        '--blanks <how>',
        `what an empty field means: ${BLANKS.join(', ')}; for one column: phone=null, which wins; may be given several times (default: null, and keep where rows are updated)`,
      ).argParser((text: string, before: string[] | undefined) => [...(before ?? []), text]),
    )
    .option('--update-only', 'with --on-conflict update: reject rows whose key is not in the table');
}
