/** The commands that files go through: upload, check, sniff, map, create-table, watch. */
import type { Command } from 'commander';
import type { DialectFlags } from '../config/dialectOptions.js';
import { type SpecFlags, withOptions } from '../config/specOptions.js';
import { usageError } from '../userError.js';
import { type Choose, examples } from './action.js';
import { addDialect, addValues, dialectFlags, specFlags } from './dialectOptions.js';
import {
  annotate,
  constant,
  delimiter,
  encoding,
  fallback,
  into,
  junit,
  like,
  map,
  maxErrors,
  type ReadFlags,
  readAs,
  spec,
  strict,
  tableFile,
  timeout,
  type WaitFlags,
  waiting,
} from './options.js';

interface CheckFlags extends Omit<WaitFlags, 'timeout'>, ReadFlags, SpecFlags {
  summary?: boolean;
  all?: boolean;
  into?: string;
  spec?: string;
  tableFile?: string;
  like?: string;
}

interface MapFlags extends ReadFlags, SpecFlags {
  into?: string;
  spec?: string;
  tableFile?: string;
  output?: string;
  print?: boolean;
}

interface CreateTableFlags extends ReadFlags, DialectFlags {
  into: string;
  key?: string;
  exactNames?: boolean;
  apply?: boolean;
}

interface UploadFlags extends WaitFlags, ReadFlags, SpecFlags {
  watch?: boolean;
  name?: string;
  once?: boolean;
  again?: boolean;
  fixes?: string;
  into?: string;
  spec?: string;
  like?: string;
}

/** @throws UserError (exit 2) */
function assertOneTable(into: string | undefined, tableFile: string | undefined): void {
  if (into === undefined || tableFile === undefined) return;
  throw usageError(
    '--into and --table-file cannot be used together',
    'the table file has the name of its table',
    'leave one out',
  );
}

export function addLoading(program: Command, choose: Choose): void {
  const upload = program
    .command('upload')
    .description('upload CSV files; each becomes a job, whose id is printed')
    .argument('<file...>', 'CSV files; - is stdin')
    .option('-w, --watch', 'stay until the jobs are done; the exit code says how they ended')
    .option('--name <name>', 'the name of what comes from stdin')
    .option('--once', 'load a file into its table once: load nothing where a completed job has it already')
    .option('--again', 'do not ask before a file is loaded that was uploaded into its table before')
    .option(
      '--fixes <id>',
      'the file has rejected rows of this job, fixed: loads them as that job did (csvjobs errors --original)',
    )
    .addOption(into('load into'))
    .addOption(spec())
    .addOption(map())
    .addOption(fallback())
    .addOption(constant())
    .addOption(like())
    .addOption(strict())
    .addOption(encoding())
    .addOption(delimiter())
    .addOption(maxErrors())
    .addOption(timeout())
    .addOption(annotate())
    .addOption(junit())
    .addHelpText(
      'before',
      examples(
        'csvjobs upload orders.csv --into sales.orders --watch',
        'csvjobs upload orders.csv --into sales.orders --spec orders.yaml',
        "csvjobs upload contacts.csv --map 'name=First Name + Last Name' --default company=Unknown",
        'csvjobs upload exports/*.csv --watch --max-errors 1%',
        'csvjobs upload exports/*.csv --once',
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
          (options.maxErrors ?? options.timeout ?? options.annotate ?? options.junit) !== undefined
        )
          throw usageError(
            '--max-errors, --timeout, --annotate and --junit need --watch',
            'without it nothing is waited for',
          );
        const { into, spec, like, fixes } = options;
        return upload(context, files, {
          watch,
          name,
          once,
          again,
          fixes,
          into,
          spec,
          like,
          specFlags: specFlags(options),
          readAs: readAs(options),
          ...waiting(options),
        });
      }),
    );
  addValues(addDialect(upload));

  const check = program
    .command('check')
    .description("show what an upload would reject, by the daemon's own rules; no file is sent")
    .argument('<file...>', 'CSV files; - is stdin')
    .addOption(into('check for'))
    .addOption(tableFile('check for'))
    .addOption(spec())
    .addOption(map())
    .addOption(fallback())
    .addOption(constant())
    .addOption(like())
    .addOption(strict())
    .option('--summary', 'how many rows for each reason instead of the rows')
    .option('--all', 'print every rejected row (default: the first 20 on a terminal, 1000 elsewhere)')
    .addOption(encoding())
    .addOption(delimiter())
    .addOption(maxErrors())
    .addOption(annotate())
    .addOption(junit())
    .addHelpText(
      'before',
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
          throw usageError('--summary and --json are given both', '--json has every row', 'leave one out');
        const destination = { into, spec, tableFile, like, specFlags: specFlags(options) };
        return check(context, files, { summary, all, ...destination, ...readAs(options), gate, ci });
      }),
    );
  addValues(addDialect(check));

  program
    .command('sniff')
    .description('show what a file is found to be, and the options that say the same; no file is sent')
    .argument('<file>', 'CSV file; - is stdin')
    .addOption(encoding())
    .addOption(delimiter())
    .addHelpText(
      'before',
      examples(
        'csvjobs sniff customers.csv',
        'csvjobs sniff customers.csv --encoding windows-1251',
        'csvjobs sniff customers.csv --json | jq -r .source.encoding',
      ),
    )
    .action((file: string, options: ReadFlags, command) =>
      choose(command, async (context) =>
        (await import('../commands/sniff.js')).sniff(context, file, readAs(options)),
      ),
    );

  const mapping = program
    .command('map')
    .description(
      'choose on a screen which field fills which column, and save that as a spec; in a pipe print one',
    )
    .argument('<file>', 'CSV file; - is stdin')
    .addOption(into('map for'))
    .addOption(tableFile('map for'))
    .addOption(spec())
    .addOption(map())
    .addOption(fallback())
    .addOption(constant())
    .option('-o, --output <file>', 'save the spec here (default: <file>.spec.yaml)')
    .option('--print', 'print the best mapping that is found as a spec, on a terminal too')
    .addOption(encoding())
    .addOption(delimiter())
    .addHelpText(
      'before',
      examples(
        'csvjobs map people.csv --into shop.people',
        'csvjobs map people.csv --into shop.people --print > people.yaml',
        'csvjobs map people.csv --into shop.people --json',
      ),
    )
    .action((file: string, options: MapFlags, command) =>
      choose(command, async (context) => {
        const { map } = await import('../commands/map.js');
        const { into, spec, tableFile, output, print = false } = options;
        assertOneTable(into, tableFile);
        const how = { specFlags: specFlags(options), readAs: readAs(options) };
        return map(context, file, { into, spec, tableFile, output, print, ...how });
      }),
    );
  addValues(addDialect(mapping));

  const createTable = program
    .command('create-table')
    .description('the table that a file needs, by all of its values: prints the statement')
    .argument('<file>', 'CSV file; - is stdin')
    .requiredOption('--into <table>', 'name of the table, with its schema or without: sales.orders')
    .option('--key <columns>', 'columns of the primary key, separated by commas')
    .option('--exact-names', 'name columns exactly as the header does, in quotes where needed')
    .option('--apply', 'create the table (needs a token of scope admin)')
    .addOption(encoding())
    .addOption(delimiter())
    .addHelpText(
      'before',
      examples(
        'csvjobs create-table orders.csv --into sales.orders',
        'csvjobs create-table orders.csv --into sales.orders --key order_id --apply',
        'csvjobs create-table orders.csv --into sales.orders | psql shop',
      ),
    )
    .action((file: string, options: CreateTableFlags, command) =>
      choose(command, async (context) => {
        const { createTable } = await import('../commands/createTable.js');
        const { into, key, exactNames = false, apply = false } = options;
        const how = { ...readAs(options), spec: withOptions(undefined, dialectFlags(options))?.bytes };
        return createTable(context, file, { into, key, exactNames, apply, ...how });
      }),
    );
  addDialect(createTable);

  program
    .command('watch')
    .description('watch jobs to their end; the exit code says how they ended')
    .argument('<id...>', 'ids, or beginnings that no other has')
    .addOption(maxErrors())
    .addOption(timeout())
    .addOption(annotate())
    .addOption(junit())
    .addHelpText(
      'before',
      examples('csvjobs watch 3f2a9c1e', 'csvjobs watch 3f2a9c1e --timeout 10m --max-errors 0'),
    )
    .action((ids: string[], options: WaitFlags, command) =>
      choose(command, async (context) =>
        (await import('../commands/watch.js')).watch(context, ids, waiting(options)),
      ),
    );
}
