/**
 * The commands about existing jobs: watch, list, show, errors, fix, rows, cancel, accept, discard, retry, load, undo,
 * delete.
 */
import {
  JOB_STATUSES,
  REPORT_FORMATS,
  type ReportFormat,
  ROW_FORMATS,
  type RowFormat,
} from '@csvjobs/shared/paths';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { LAST } from '../jobId.js';
import { JOB_FIELDS, type JobField, jobFieldNamed } from '../text/jobTable.js';
import { usageError } from '../userError.js';
import { type Choose, examples } from './action.js';
import { addWaiting, JOB, JOBS, ONE_JOB, type WaitFlags, waiting, wholeNumber } from './options.js';

interface ErrorsFlags {
  output?: string;
  summary?: boolean;
  all?: boolean;
  format?: ReportFormat;
  excel?: boolean;
  original?: boolean;
}

interface LoadFlags extends WaitFlags {
  watch?: boolean;
  yes?: boolean;
}

interface FixFlags extends WaitFlags {
  output?: string;
}

interface RowsFlags {
  output?: string;
  format?: RowFormat;
  withIds?: boolean;
}

export function addJobs(program: Command, choose: Choose): void {
  const watch = program
    .command('watch')
    .description('watch jobs until they end; the exit code says how they ended')
    .argument('[id...]', JOBS)
    .addHelpText(
      'after',
      examples(
        'csvjobs watch',
        'csvjobs watch 3f2a9c1e',
        'csvjobs watch orders.csv --timeout 10m --max-errors 0',
      ),
    )
    .action((ids: string[], options: WaitFlags, command) =>
      choose(command, async (context) =>
        (await import('../commands/watch.js')).watch(
          context,
          ids.length > 0 ? ids : [LAST],
          waiting(options),
        ),
      ),
    );
  addWaiting(watch);

  program
    .command('list')
    .alias('ls')
    .description('list jobs, newest first')
    .option('-s, --status <status>', `only these, separated by commas: ${JOB_STATUSES.join(', ')}`)
    .option('-t, --table <table>', 'only jobs into this table: sales.orders')
    .option('-n, --limit <n>', 'maximum number of jobs (default on a terminal: 30)', wholeNumber)
    .option('--columns <columns>', `only these, separated by commas: ${JOB_FIELDS.join(', ')}`, jobFields)
    .option('-w, --watch', 'keep watching, and show the jobs as they change')
    .addHelpText(
      'after',
      examples(
        'csvjobs list',
        'csvjobs list --watch',
        'csvjobs list --status failed,cancelled',
        'csvjobs list --table sales.orders',
        'csvjobs list --limit 1 --quiet',
        'csvjobs list --columns id,status,file',
        'csvjobs list --json --columns id,status',
      ),
    )
    .action(
      (
        options: { status?: string; table?: string; limit?: number; columns?: JobField[]; watch?: boolean },
        command,
      ) =>
        choose(command, async (context) => {
          const { table, limit } = options;
          const which = { status: statuses(options.status), table, limit, columns: options.columns };
          if (options.watch) return (await import('../commands/listWatch.js')).listWatch(context, which);
          // Load the modules for the request and for showing its answer in parallel.
          const [{ list }] = await Promise.all([import('../commands/list.js'), context.client()]);
          return list(context, which);
        }),
    );

  program
    .command('show')
    .alias('status')
    .description("show a job's details and its first rejected rows")
    .argument('[id]', JOB)
    .addHelpText(
      'after',
      examples(
        'csvjobs show',
        'csvjobs show @last:failed',
        'csvjobs show 3f2a9c1e',
        'csvjobs show 3f2a9c1e --json',
      ),
    )
    .action((id: string = LAST, _options: object, command) =>
      choose(command, async (context) => (await import('../commands/show.js')).show(context, id)),
    );

  program
    .command('errors')
    .description('print the report of rejected rows of a job')
    .argument('[id]', JOB)
    .option('-o, --output <file>', 'save it; the file is replaced when the report is complete (- is stdout)')
    .option('--all', 'print every row, even on a terminal (default there: the first 20)')
    .option('--summary', 'print the number of rows for each reason instead of the rows')
    .addOption(
      new Option(
        '--format <format>',
        'csv (default); json and ndjson also have line, column and code',
      ).choices(REPORT_FORMATS),
    )
    .option(
      '--excel',
      'make the CSV safe to open in Excel: with a byte order mark, and no cell runs as a formula',
    )
    .option(
      '--original',
      'print the rejected rows as they are in the file, followed by _line and _error: fix them, then upload --fixes <id>',
    )
    .addHelpText(
      'after',
      examples(
        'csvjobs errors',
        'csvjobs errors 3f2a9c1e > errors.csv',
        'csvjobs errors 3f2a9c1e -o errors.csv --excel',
        'csvjobs errors 3f2a9c1e --original -o fixes.csv',
        'csvjobs errors 3f2a9c1e --summary',
        'csvjobs errors 3f2a9c1e --format ndjson | jq .line',
      ),
    )
    .action((id: string = LAST, options: ErrorsFlags, command) =>
      choose(command, async (context) => {
        const { output = '-', summary = false, excel = false, original = false } = options;
        const format = options.format ?? (context.json ? 'json' : 'csv');
        if (original && (summary || options.format !== undefined || context.json))
          throw usageError(
            '--original goes without --summary, --format and --json',
            'it is the text of the file',
            'leave one out',
          );
        if (summary && (options.output ?? options.format ?? options.excel) !== undefined)
          throw usageError(
            '--summary goes without --output, --format and --excel',
            'the summary is not a report',
            'leave one out',
          );
        if (excel && format !== 'csv')
          throw usageError(
            `--excel is given with ${format}`,
            'it makes CSV safe for spreadsheets',
            'leave one out',
          );
        if (summary) return (await import('../commands/errorSummary.js')).errorSummary(context, id);
        return (await import('../commands/errors.js')).errors(context, id, {
          output,
          format: original ? 'original' : format,
          excel,
          all: options.all ?? false,
        });
      }),
    );

  const fix = program
    .command('fix')
    .description('open the rejected rows of a job in $VISUAL or $EDITOR, and upload what was saved')
    .argument('[id]', JOB)
    .option(
      '-o, --output <file>',
      'save them for a spreadsheet instead, and print the command to upload them',
    )
    .addHelpText(
      'after',
      examples(
        'csvjobs fix',
        'csvjobs fix 3f2a9c1e',
        'EDITOR="code --wait" csvjobs fix 3f2a9c1e',
        'csvjobs fix 3f2a9c1e -o fixes.csv',
      ),
    )
    .action((id: string = LAST, options: FixFlags, command) =>
      choose(command, async (context) =>
        (await import('../commands/fix.js')).fix(context, id, {
          output: options.output,
          ...waiting(options),
        }),
      ),
    );
  addWaiting(fix);

  program
    .command('rows')
    .description('print the rows that a job has loaded, as they are now, with all columns of the table')
    .argument('[id]', JOB)
    .option('-o, --output <file>', 'save them; the file is replaced when they are complete (- is stdout)')
    .addOption(new Option('--format <format>', 'csv (default) or ndjson').choices(ROW_FORMATS))
    .option(
      '--with-ids',
      'add two columns in front: the ID of the job, and whether the row has changed since it was loaded',
    )
    .addHelpText(
      'after',
      examples(
        'csvjobs rows 3f2a9c1e -o with-ids.csv --with-ids',
        'csvjobs rows 3f2a9c1e --format ndjson | jq .id',
      ),
    )
    .action((id: string = LAST, { output = '-', format, withIds = false }: RowsFlags, command) =>
      choose(command, async (context) =>
        (await import('../commands/rows.js')).rows(context, id, {
          output,
          format: format ?? (context.json ? 'ndjson' : 'csv'),
          withIds,
        }),
      ),
    );

  program
    .command('cancel')
    .description('cancel a job; rows that are already loaded stay')
    .argument('<id>', ONE_JOB)
    .addHelpText('after', examples('csvjobs cancel 3f2a9c1e'))
    .action((id: string, _options: object, command) =>
      choose(command, async (context) => (await import('../commands/cancel.js')).cancel(context, id)),
    );

  program
    .command('accept')
    .description('commit the rows of a job that upload --hold has stopped before its commit')
    .argument('<id>', ONE_JOB)
    .addHelpText('after', examples('csvjobs show 3f2a9c1e && csvjobs accept 3f2a9c1e'))
    .action((id: string, _options: object, command) =>
      choose(command, async (context) => (await import('../commands/accept.js')).accept(context, id)),
    );

  program
    .command('discard')
    .description('roll back a held job: none of its rows is loaded')
    .argument('<id>', ONE_JOB)
    .addHelpText('after', examples('csvjobs discard 3f2a9c1e'))
    .action((id: string, _options: object, command) =>
      choose(command, async (context) => (await import('../commands/discard.js')).discard(context, id)),
    );

  program
    .command('retry')
    .description('retry a failed or cancelled job from where it stopped, or an undone job from the start')
    .argument('<id>', ONE_JOB)
    .option('-y, --yes', "if it replaces the content of a table again: do not ask for the table's name")
    .addHelpText('after', examples('csvjobs retry 3f2a9c1e && csvjobs watch 3f2a9c1e'))
    .action((id: string, options: { yes?: boolean }, command) =>
      choose(command, async (context) => (await import('../commands/retry.js')).retry(context, id, options)),
    );

  const load = program
    .command('load')
    .description('load the file of a dry run without sending it again; prints the ID of the new job')
    .argument('<id>', `the dry run: ${ONE_JOB}`)
    .option('-w, --watch', 'watch until the job is done; the exit code says how it ended')
    .option('-y, --yes', "if it replaces the content of a table: do not ask for the table's name")
    .addHelpText('after', examples('csvjobs load 3f2a9c1e', 'csvjobs load 3f2a9c1e --watch'))
    .action((id: string, { watch = false, yes = false, ...options }: LoadFlags, command) =>
      choose(command, async (context) => {
        if (!watch && Object.keys(options).length > 0)
          throw usageError(
            '--max-errors, --timeout, --annotate and --junit need --watch',
            'without it csvjobs does not wait',
            'add --watch',
          );
        return (await import('../commands/load.js')).load(context, id, { watch, yes, ...waiting(options) });
      }),
    );
  addWaiting(load);

  program
    .command('undo')
    .description('undo a job: remove or restore its rows, except those that were changed or referenced since')
    .argument('<id>', ONE_JOB)
    .option('-n, --dry-run', 'show what would happen to the rows, and change nothing')
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'after',
      examples(
        'csvjobs undo 3f2a9c1e',
        'csvjobs undo 3f2a9c1e --dry-run',
        'csvjobs undo 3f2a9c1e --yes --json',
      ),
    )
    .action((id: string, { yes = false, dryRun = false }: { yes?: boolean; dryRun?: boolean }, command) =>
      choose(command, async (context) =>
        (await import('../commands/undo.js')).undo(context, id, { yes, dryRun }),
      ),
    );

  program
    .command('delete')
    .alias('rm')
    .description('delete a finished job with its report and file; its loaded rows stay')
    .argument('<id>', ONE_JOB)
    .option('-y, --yes', 'do not ask')
    .addHelpText('after', examples('csvjobs delete 3f2a9c1e', 'csvjobs delete 3f2a9c1e --yes'))
    .action((id: string, { yes = false }: { yes?: boolean }, command) =>
      choose(command, async (context) =>
        (await import('../commands/delete.js')).deleteJob(context, id, { yes }),
      ),
    );
}

/** @throws InvalidArgumentError (exit 2) */
function jobFields(text: string): JobField[] {
  return text.split(',').map((part) => {
    const field = jobFieldNamed(part);
    if (!field) throw new InvalidArgumentError(`"${part}" is not one of ${JOB_FIELDS.join(', ')}`);
    return field;
  });
}

/** @throws UserError (exit 2) */
function statuses(text: string | undefined) {
  if (text === undefined) return undefined;
  return text.split(',').map((part) => {
    const status = JOB_STATUSES.find((known) => known === part.trim());
    if (!status)
      throw usageError(
        `"${part}" is not a status`,
        `the statuses are ${JOB_STATUSES.join(', ')}`,
        'csvjobs list --help',
      );
    return status;
  });
}
