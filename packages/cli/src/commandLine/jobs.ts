/** The commands about jobs that are there: watch, list, show, errors, fix, rows, cancel, retry, load, undo, delete. */
import {
  JOB_STATUSES,
  REPORT_FORMATS,
  type ReportFormat,
  ROW_FORMATS,
  type RowFormat,
} from '@csvjobs/shared/paths';
import { type Command, Option } from 'commander';
import { usageError } from '../userError.js';
import { type Choose, examples } from './action.js';
import { addWaiting, type WaitFlags, waiting, wholeNumber } from './options.js';

interface ErrorsFlags {
  output?: string;
  summary?: boolean;
  format?: ReportFormat;
  excel?: boolean;
  original?: boolean;
}

interface FixFlags extends WaitFlags {
  output?: string;
}

export function addJobs(program: Command, choose: Choose): void {
  const watch = program
    .command('watch')
    .description('watch jobs to their end; the exit code says how they ended')
    .argument('<id...>', 'ids, or beginnings that no other has')
    .addHelpText(
      'before',
      examples('csvjobs watch 3f2a9c1e', 'csvjobs watch 3f2a9c1e --timeout 10m --max-errors 0'),
    )
    .action((ids: string[], options: WaitFlags, command) =>
      choose(command, async (context) =>
        (await import('../commands/watch.js')).watch(context, ids, waiting(options)),
      ),
    );
  addWaiting(watch);

  program
    .command('list')
    .description('list jobs, newest first')
    .option('-s, --status <status>', `only these, separated by commas: ${JOB_STATUSES.join(', ')}`)
    .option('-t, --table <table>', 'only jobs into this table: sales.orders')
    .option('-n, --limit <n>', 'at most this many jobs', wholeNumber)
    .option('-w, --watch', 'stay, and show the jobs as they change')
    .addHelpText(
      'before',
      examples(
        'csvjobs list',
        'csvjobs list --watch',
        'csvjobs list --status failed,cancelled',
        'csvjobs list --table sales.orders',
        'csvjobs list --limit 1 --quiet',
      ),
    )
    .action((options: { status?: string; table?: string; limit?: number; watch?: boolean }, command) =>
      choose(command, async (context) => {
        const { table, limit } = options;
        const which = { status: statuses(options.status), table, limit };
        if (options.watch) return (await import('../commands/listWatch.js')).listWatch(context, which);
        // What the request needs and what draws its answer are loaded side by side.
        const [{ list }] = await Promise.all([import('../commands/list.js'), context.client()]);
        return list(context, which);
      }),
    );

  program
    .command('show')
    .description('show all that is known of a job, and its first rejected rows')
    .argument('<id>', "the job's id, or a beginning of it that no other has")
    .addHelpText('before', examples('csvjobs show 3f2a9c1e', 'csvjobs show 3f2a9c1e --json'))
    .action((id: string, _options: object, command) =>
      choose(command, async (context) => (await import('../commands/show.js')).show(context, id)),
    );

  program
    .command('errors')
    .description('print the report of rejected rows of a job')
    .argument('<id>', "the job's id, or a beginning of it that no other has")
    .option('-o, --output <file>', 'save it; the file is replaced when the report is complete (- is stdout)')
    .option('--summary', 'how many rows for each reason instead of the rows')
    .addOption(
      new Option(
        '--format <format>',
        'csv (default), or json or ndjson, which also have line, column and code',
      ).choices(REPORT_FORMATS),
    )
    .option(
      '--excel',
      'CSV whose cells no spreadsheet takes for formulas; without it values are as they were',
    )
    .option(
      '--original',
      'the rejected rows as they are in the file, with _line and _error at the end: fix them, then upload --fixes <id>',
    )
    .addHelpText(
      'before',
      examples(
        'csvjobs errors 3f2a9c1e > errors.csv',
        'csvjobs errors 3f2a9c1e -o errors.csv --excel',
        'csvjobs errors 3f2a9c1e --original -o fixes.csv',
        'csvjobs errors 3f2a9c1e --summary',
        'csvjobs errors 3f2a9c1e --format ndjson | jq .line',
      ),
    )
    .action((id: string, options: ErrorsFlags, command) =>
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
        });
      }),
    );

  const fix = program
    .command('fix')
    .description('open the rejected rows of a job in $VISUAL or $EDITOR, and upload what was saved')
    .argument('<id>', "the job's id, or a beginning of it that no other has")
    .option(
      '-o, --output <file>',
      'save them for a spreadsheet instead, and print the command to upload them',
    )
    .addHelpText(
      'before',
      examples(
        'csvjobs fix 3f2a9c1e',
        'EDITOR="code --wait" csvjobs fix 3f2a9c1e',
        'csvjobs fix 3f2a9c1e -o fixes.csv',
      ),
    )
    .action((id: string, options: FixFlags, command) =>
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
    .argument('<id>', "the job's id, or a beginning of it that no other has")
    .option('-o, --output <file>', 'save them; the file is replaced when they are complete (- is stdout)')
    .addOption(new Option('--format <format>', 'csv (default) or ndjson').choices(ROW_FORMATS))
    .addHelpText(
      'before',
      examples('csvjobs rows 3f2a9c1e -o with-ids.csv', 'csvjobs rows 3f2a9c1e --format ndjson | jq .id'),
    )
    .action((id: string, { output = '-', format }: { output?: string; format?: RowFormat }, command) =>
      choose(command, async (context) =>
        (await import('../commands/rows.js')).rows(context, id, {
          output,
          format: format ?? (context.json ? 'ndjson' : 'csv'),
        }),
      ),
    );

  program
    .command('cancel')
    .description('cancel a job; the rows that are loaded stay')
    .argument('<id>', "the job's id, or a beginning of it that no other has")
    .addHelpText('before', examples('csvjobs cancel 3f2a9c1e'))
    .action((id: string, _options: object, command) =>
      choose(command, async (context) => (await import('../commands/cancel.js')).cancel(context, id)),
    );

  program
    .command('retry')
    .description(
      'put a failed or cancelled job back into the queue, where it ended; one that was undone, from the start',
    )
    .argument('<id>', "the job's id, or a beginning of it that no other has")
    .addHelpText('before', examples('csvjobs retry 3f2a9c1e && csvjobs watch 3f2a9c1e'))
    .action((id: string, _options: object, command) =>
      choose(command, async (context) => (await import('../commands/retry.js')).retry(context, id)),
    );

  const load = program
    .command('load')
    .description('load the file of a dry run, which is not sent again; the id of the new job is printed')
    .argument('<id>', 'the id of the dry run, or a beginning of it that no other has')
    .option('-w, --watch', 'stay until the job is done; the exit code says how it ended')
    .addHelpText('before', examples('csvjobs load 3f2a9c1e', 'csvjobs load 3f2a9c1e --watch'))
    .action((id: string, { watch = false, ...options }: WaitFlags & { watch?: boolean }, command) =>
      choose(command, async (context) => {
        if (!watch && Object.keys(options).length > 0)
          throw usageError(
            '--max-errors, --timeout, --annotate and --junit need --watch',
            'without it nothing is waited for',
          );
        return (await import('../commands/load.js')).load(context, id, { watch, ...waiting(options) });
      }),
    );
  addWaiting(load);

  program
    .command('undo')
    .description('take the rows of a job out again, as far as nobody has changed or referenced them since')
    .argument('<id>', "the job's id, or a beginning of it that no other has")
    .option('-n, --dry-run', 'say what would become of the rows, and change nothing')
    .option('-y, --yes', 'do not ask')
    .addHelpText(
      'before',
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
    .description('delete a job that has ended, with its report and file; the rows that are loaded stay')
    .argument('<id>', "the job's id, or a beginning of it that no other has")
    .option('-y, --yes', 'do not ask')
    .addHelpText('before', examples('csvjobs delete 3f2a9c1e', 'csvjobs delete 3f2a9c1e --yes'))
    .action((id: string, { yes = false }: { yes?: boolean }, command) =>
      choose(command, async (context) =>
        (await import('../commands/delete.js')).deleteJob(context, id, { yes }),
      ),
    );
}

/** @throws UserError (exit 2) */
function statuses(text: string | undefined) {
  if (text === undefined) return undefined;
  return text.split(',').map((part) => {
    const status = JOB_STATUSES.find((known) => known === part.trim());
    if (!status) throw usageError(`"${part}" is not a status`, `known are ${JOB_STATUSES.join(', ')}`);
    return status;
  });
}
