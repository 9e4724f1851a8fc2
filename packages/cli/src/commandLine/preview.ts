/** `csvjobs preview`, with all options of upload for how to read a file and how to load its rows. */
import { PREVIEW_BYTES, PREVIEW_ROWS } from '@csvjobs/shared/paths';
import { type Command, InvalidArgumentError } from 'commander';
import type { SpecFlags } from '../config/specOptions.js';
import { bytes } from '../text/text.js';
import { type Choose, examples } from './action.js';
import { addDialect, addValues, specFlags } from './dialectOptions.js';
import { addMode } from './modeOptions.js';
import {
  constant,
  delimiter,
  encoding,
  fallback,
  into,
  like,
  map,
  maxErrorsOfReplace,
  maxRemoved,
  type ReadFlags,
  readAs,
  replace,
  spec,
  strict,
} from './options.js';

interface PreviewFlags extends ReadFlags, SpecFlags {
  rows: number;
  name?: string;
  into?: string;
  spec?: string;
  like?: string;
}

export function addPreview(program: Command, choose: Choose): void {
  const command = program
    .command('preview')
    .description('show the first records of a file as they would be stored; they are loaded and rolled back')
    .argument('<file>', `CSV file, of which at most the first ${bytes(PREVIEW_BYTES)} are sent; - is stdin`)
    .option(
      '--rows <n>',
      `number of records to show (at most ${PREVIEW_ROWS.most})`,
      recordCount,
      PREVIEW_ROWS.default,
    )
    .option('--name <name>', 'file name for stdin')
    .addOption(into('preview for'))
    .addOption(spec())
    .addOption(map())
    .addOption(fallback())
    .addOption(constant())
    .addOption(like())
    .addOption(strict())
    .addOption(replace())
    .addOption(maxRemoved())
    .addOption(maxErrorsOfReplace())
    .addOption(encoding())
    .addOption(delimiter())
    .addHelpText(
      'after',
      `\nExit code 0: none of these records would be rejected; 3: some would. With --replace 5 and 7: the load would be refused.\n${examples(
        'csvjobs preview orders.csv --into sales.orders',
        'csvjobs preview prices.csv --into shop.prices --on-conflict update --key sku --rows 5',
        'csvjobs preview prices.csv --into shop.prices --replace --max-removed 5%',
        "csvjobs preview orders.csv --into sales.orders --json | jq -c '.records[] | select(.error)'",
      )}`,
    )
    .action((file: string, options: PreviewFlags, called) =>
      choose(called, async (context) => {
        const { preview } = await import('../commands/preview.js');
        const { rows, name, into, spec, like, replace, maxRemoved, maxErrors } = options;
        const ofReplace = {
          ...(replace && { replace }),
          ...(maxRemoved !== undefined && { maxRemoved }),
          ...(maxErrors !== undefined && { maxErrors }),
        };
        const how = { specFlags: { ...specFlags(options), ...ofReplace }, readAs: readAs(options) };
        return preview(context, file, { rows, name, into, spec, like, ...how });
      }),
    );
  addValues(addDialect(addMode(command)));
}

function recordCount(text: string): number {
  const rows = /^\d{1,6}$/.test(text) ? Number(text) : 0;
  if (rows >= 1 && rows <= PREVIEW_ROWS.most) return rows;
  throw new InvalidArgumentError(`it must be a whole number, 1 to ${PREVIEW_ROWS.most}`);
}
