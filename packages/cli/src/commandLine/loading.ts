/** The commands that files go through: upload, check, watch. */
import type { Command } from 'commander';
import { usageError } from '../userError.js';
import { type Choose, examples } from './action.js';
import {
  annotate,
  delimiter,
  encoding,
  into,
  junit,
  maxErrors,
  type ReadFlags,
  readAs,
  spec,
  timeout,
  type WaitFlags,
  waiting,
} from './options.js';

interface CheckFlags extends Omit<WaitFlags, 'timeout'>, ReadFlags {
  summary?: boolean;
}

interface UploadFlags extends WaitFlags, ReadFlags {
  watch?: boolean;
  name?: string;
  into?: string;
  spec?: string;
}

export function addLoading(program: Command, choose: Choose): void {
  program
    .command('upload')
    .description('upload CSV files; each becomes a job, whose id is printed')
    .argument('<file...>', 'CSV files; - is stdin')
    .option('-w, --watch', 'stay until the jobs are done; the exit code says how they ended')
    .option('--name <name>', 'the name of what comes from stdin')
    .addOption(into())
    .addOption(spec())
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
        'csvjobs upload exports/*.csv --watch --max-errors 1%',
        'id=$(csvjobs upload customers.csv)',
        'zcat customers.csv.gz | csvjobs upload - --name customers.csv',
      ),
    )
    .action((files: string[], options: UploadFlags, command) =>
      choose(command, async (context) => {
        const { upload } = await import('../commands/upload.js');
        const { watch = false, name } = options;
        if (
          !watch &&
          (options.maxErrors ?? options.timeout ?? options.annotate ?? options.junit) !== undefined
        )
          throw usageError(
            '--max-errors, --timeout, --annotate and --junit need --watch',
            'without it nothing is waited for',
          );
        const { into, spec } = options;
        return upload(context, files, {
          watch,
          name,
          into,
          spec,
          readAs: readAs(options),
          ...waiting(options),
        });
      }),
    );

  program
    .command('check')
    .description("what an upload would reject, by the daemon's own rules; no daemon has to run")
    .argument('<file...>', 'CSV files; - is stdin')
    .option('--summary', 'how many rows for each reason instead of the rows')
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
        'csvjobs check exports/*.csv --max-errors 1% --quiet && csvjobs upload exports/*.csv',
      ),
    )
    .action((files: string[], options: CheckFlags, command) =>
      choose(command, async (context) => {
        const { check } = await import('../commands/check.js');
        const { gate, ci } = waiting(options);
        const { summary = false } = options;
        if (summary && context.json)
          throw usageError('--summary and --json are given both', '--json has every row', 'leave one out');
        return check(context, files, { summary, ...readAs(options), gate, ci });
      }),
    );

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
