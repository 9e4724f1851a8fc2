/** The commands that load or check files: upload, and check, which shows what an upload would reject. */
import type { Command } from 'commander';
import type { SpecFlags } from '../config/specOptions.js';
import { usageError } from '../userError.js';
import { type Choose, examples } from './action.js';
import { addDialect, addValues, specFlags } from './dialectOptions.js';
import { addMode } from './modeOptions.js';
import {
  addWaiting,
  annotate,
  assertOneTable,
  atomic,
  constant,
  delimiter,
  dryRun,
  encoding,
  fallback,
  hold,
  into,
  junit,
  like,
  map,
  maxErrors,
  maxRemoved,
  type ReadFlags,
  readAs,
  replace,
  spec,
  strict,
  tableFile,
  type WaitFlags,
  waiting,
  yes,
} from './options.js';

interface CheckFlags extends Omit<WaitFlags, 'timeout'>, ReadFlags, SpecFlags {
  summary?: boolean;
  all?: boolean;
  into?: string;
  spec?: string;
  tableFile?: string;
  like?: string;
}

interface UploadFlags extends WaitFlags, ReadFlags, Omit<SpecFlags, 'maxErrors'> {
  watch?: boolean;
  name?: string;
  keepGoing?: boolean;
  once?: boolean;
  again?: boolean;
  fixes?: string;
  into?: string;
  spec?: string;
  like?: string;
  yes?: boolean;
}

/** Returns the options for how rows are loaded. */
function modeFlags({ atomic, dryRun, hold, maxErrors, replace, maxRemoved }: UploadFlags): SpecFlags {
  return {
    ...(atomic && { atomic }),
    ...(replace && { replace }),
    ...(maxRemoved !== undefined && { maxRemoved }),
    ...(dryRun && { dryRun }),
    ...(hold && { hold }),
    ...(maxErrors !== undefined && { maxErrors }),
  };
}

export function addLoading(program: Command, choose: Choose): void {
  const upload = program
    .command('upload')
    .description('upload CSV files; each becomes a job, whose ID is printed')
    .argument('<file...>', 'CSV files, or https://… and s3://… addresses; - is stdin')
    .option('-w, --watch', 'watch until the jobs are done; the exit code says how they ended')
    .option('--keep-going', 'upload the remaining files if one cannot be read (default: none is uploaded)')
    .option('--name <name>', 'file name for stdin')
    .option('--once', 'skip a file that a completed job has already loaded into its table')
    .option('--again', 'do not ask before loading a file that was already uploaded into its table')
    .option(
      '--fixes <id>',
      'load rows that this job rejected and that you have fixed (csvjobs errors --original), as that job did',
    )
    .addOption(into('load into'))
    .addOption(spec())
    .addOption(map())
    .addOption(fallback())
    .addOption(constant())
    .addOption(like())
    .addOption(strict())
    .addOption(dryRun())
    .addOption(atomic())
    .addOption(hold())
    .addOption(replace())
    .addOption(maxRemoved())
    .addOption(yes())
    .addOption(encoding())
    .addOption(delimiter())
    .addHelpText(
      'after',
      examples(
        'csvjobs upload orders.csv --into sales.orders --watch',
        'csvjobs upload orders.csv --into sales.orders --spec orders.yaml',
        "csvjobs upload contacts.csv --map 'name=First Name + Last Name' --default company=Unknown",
        'csvjobs upload prices.csv --into shop.prices --on-conflict update --key sku',
        'csvjobs upload prices.csv --into shop.prices --replace --max-removed 5% --watch',
        'csvjobs upload exports/*.csv --watch --max-errors 1%',
        'csvjobs upload orders.csv --into sales.orders --atomic --max-errors 1% --watch',
        'id=$(csvjobs upload orders.csv --into sales.orders --dry-run --watch) && csvjobs load $id',
        'csvjobs upload prices.csv --into shop.prices --on-conflict update --hold --watch',
        'csvjobs upload exports/*.csv --once',
        'csvjobs upload https://files.example.com/orders.csv --into sales.orders --watch',
        'csvjobs upload s3://exports/orders.csv --into sales.orders --watch',
        'id=$(csvjobs upload customers.csv)',
        'zcat customers.csv.gz | csvjobs upload - --name customers.csv',
      ),
    )
    .action((files: string[], options: UploadFlags, command) =>
      choose(command, async (context) => {
        const { upload } = await import('../commands/upload.js');
        const { watch = false, name, once = false, again = false } = options;
        if (once && again)
          throw usageError(
            '--once and --again cannot be used together',
            '--again loads the same file again',
            'leave one out',
          );
        if (
          !watch &&
          ((options.atomic || options.hold || options.replace ? undefined : options.maxErrors) ??
            options.timeout ??
            options.annotate ??
            options.junit) !== undefined
        )
          throw usageError(
            '--max-errors, --timeout, --annotate and --junit need --watch',
            'without it csvjobs does not wait; --max-errors works without it with --atomic, --hold or --replace',
            'add --watch',
          );
        const { into, spec, like, fixes, yes = false } = options;
        return upload(context, files, {
          watch,
          name,
          keepGoing: options.keepGoing ?? false,
          once,
          again,
          fixes,
          into,
          spec,
          like,
          yes,
          specFlags: { ...specFlags(options), ...modeFlags(options) },
          readAs: readAs(options),
          ...waiting(options),
        });
      }),
    );
  addWaiting(addValues(addDialect(addMode(upload))));

  const check = program
    .command('check')
    .description("show which rows an upload would reject, by the daemon's own rules; no file is sent")
    .argument('<file...>', 'CSV files; - is stdin')
    .addOption(into('check for'))
    .addOption(tableFile('check for'))
    .addOption(spec())
    .addOption(map())
    .addOption(fallback())
    .addOption(constant())
    .addOption(like())
    .addOption(strict())
    .option('--summary', 'print the number of rows for each reason instead of the rows')
    .option('--all', 'print every rejected row (default: the first 20 on a terminal, 1000 elsewhere)')
    .addOption(encoding())
    .addOption(delimiter())
    .addOption(maxErrors())
    .addOption(annotate())
    .addOption(junit())
    .addHelpText(
      'after',
      examples(
        'csvjobs check customers.csv',
        'csvjobs check customers.csv --summary',
        'csvjobs check orders.csv --into sales.orders --spec orders.yaml',
        'csvjobs check orders.csv --table-file orders.table.json',
        'csvjobs check exports/*.csv --max-errors 1% --quiet && csvjobs upload exports/*.csv',
      ),
    )
    .action((files: string[], options: CheckFlags, command) =>
      choose(command, async (context) => {
        const { check } = await import('../commands/check.js');
        const { gate, ci } = waiting(options);
        const { summary = false, all = false, into, spec, tableFile, like } = options;
        assertOneTable(into, tableFile);
        if (summary && all)
          throw usageError(
            '--summary and --all cannot be used together',
            '--summary prints no rows',
            'leave one out',
          );
        if (summary && context.json)
          throw usageError(
            '--summary and --json cannot be used together',
            '--json has every row',
            'leave one out',
          );
        const destination = { into, spec, tableFile, like, specFlags: specFlags(options) };
        return check(context, files, { summary, all, ...destination, ...readAs(options), gate, ci });
      }),
    );
  addValues(addDialect(addMode(check)));
}
