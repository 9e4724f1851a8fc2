/**
 * `csvjobs check`: shows what an upload would reject, by the daemon's own rules. Asks a daemon at most for the table.
 */
import { basename } from 'node:path';
import type { Outcome } from '../ci/outcome.js';
import { assertCanPublish, type CiOptions, publish } from '../ci/publish.js';
import type { ReadAs } from '../client/daemonClient.js';
import { type Destination, destinationsOf, tableOf } from '../config/destinations.js';
import type { SpecFlags } from '../config/specOptions.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode, worst } from '../exitCodes.js';
import { exitCodeOf, type Gate } from '../outcome.js';
import { printError } from '../printError.js';
import { noticeLines, showCommand } from '../report/notices.js';
import { clean, count, plural, STDIN_NAME, toJson } from '../text/text.js';
import { asUserError, usageError } from '../userError.js';
import { asJob } from './asJob.js';
import { type Checked, mostShown, readChecked } from './checkReading.js';
import { type CheckedTable, tableLookup } from './checkTable.js';
import { withDefaultTable } from './defaultTable.js';
import { summaryLines } from './errorSummary.js';
import { assertLocal } from './localFile.js';
import { offerMap } from './offerMap.js';
import { withCommands } from './tableHints.js';
import { sayWhyGate } from './uploadResult.js';

export interface CheckOptions extends ReadAs {
  /** Counts by reason instead of the rows. */
  summary: boolean;
  /** Prints every rejected row, without a limit. */
  all: boolean;
  gate: Gate | undefined;
  /** The table, and the path of a spec, for all files; without them the project file decides. */
  into: string | undefined;
  spec: string | undefined;
  /** The path of what `csvjobs describe --json` printed, instead of a daemon. */
  tableFile: string | undefined;
  /** The ID of a job to take table, spec, encoding and delimiter from, unless an option says otherwise. */
  like: string | undefined;
  /** What the options change in the spec of each file. */
  specFlags: SpecFlags;
  ci: CiOptions;
}

/** What a file is checked for, and whether it is one of several. */
interface Purpose {
  destination: Destination;
  tableFor(destination: Destination, file: string): Promise<CheckedTable | undefined>;
  several: boolean;
}

/** Checks each file. Returns the worst exit code that uploading and watching them would have. */
export async function check(
  context: Context,
  files: readonly string[],
  options: CheckOptions,
): Promise<ExitCode> {
  if (files.filter((file) => file === '-').length > 1)
    throw usageError('"-" (stdin) is used more than once', 'stdin can be read only once');
  assertLocal(files);
  const { files: project, cwd } = context.settings;
  // Stdin has the same name as in an upload.
  const named = files.map((file) => (file === '-' ? STDIN_NAME : file));
  const { encoding, delimiter } = options;
  const { readAs, ...flags } = await asJob(context, options, { encoding, delimiter });
  const destinations = await destinationsOf(named, flags, project, cwd);
  const tableFor = await tableLookup(context, options.tableFile);
  await assertCanPublish(options.ci);
  context.watching();
  const outcomes: Outcome[] = [];
  const leftOut = new Set<string>();
  for (const [at, file] of files.entries()) {
    const purpose = { destination: destinations[at]!, tableFor, several: files.length > 1 };
    const outcome = await checkOne(context, file, { ...options, ...readAs }, purpose, leftOut);
    outcomes.push(outcome);
    if (outcome.error?.code === 'daemon_not_installed') break;
  }
  if (!context.json && !context.quiet)
    for (const line of leftOut) context.err.line(context.err.paint.dim(line));
  await publish(context, outcomes, options.ci, async ({ digest }) => digest);
  if (files.length === 1) {
    const { into, spec, tableFile, like, specFlags, encoding, delimiter } = options;
    const readAs = {
      ...(encoding !== undefined && { encoding }),
      ...(delimiter !== undefined && { delimiter }),
    };
    await offerMap(context, files[0]!, outcomes[0]!.error, outcomes[0]!.table, {
      into,
      spec,
      tableFile,
      like,
      specFlags,
      readAs,
    });
  }
  return worst(outcomes.map(({ exitCode }) => exitCode));
}

/** @param leftOut receives a sentence about checks that only the database can make */
async function checkOne(
  context: Context,
  file: string,
  { gate, ...options }: CheckOptions,
  { destination, tableFor, several }: Purpose,
  leftOut: Set<string>,
): Promise<Outcome> {
  const name = file === '-' ? 'stdin' : basename(file);
  const outcome: Outcome = {
    path: file,
    name,
    work: 'checked',
    jobId: undefined,
    job: undefined,
    digest: undefined,
    error: undefined,
    exitCode: EXIT.done,
  };
  try {
    const table = await tableFor(destination, file);
    outcome.table = table?.name;
    const how = { ...options, table: table?.document, spec: destination.spec?.bytes };
    const checked = await readChecked(context, file, how).catch((error: unknown) => {
      const { words } = context;
      const named = options.tableFile ?? tableOf(destination);
      throw withDefaultTable(
        withCommands(asUserError(error), { file }, table?.name, words),
        { file },
        named,
        words,
      );
    });
    const { successCount, failedCount, totalRows, source, notices, notJudged, digest } = checked;
    if (notJudged.length > 0) leftOut.add(leftToDatabase(table?.name, notJudged));
    const times = { startedAt: null, completedAt: null, failure: null };
    const result = { status: 'completed', processedRows: totalRows, successCount, failedCount } as const;
    const maxErrors = destination.spec?.spec?.csvjobs?.maxErrors;
    const mode = maxErrors === undefined ? {} : { mode: { maxErrors } };
    outcome.job = { ...result, ...times, ...mode, source, notices };
    outcome.digest = digest;
    outcome.exitCode = exitCodeOf(outcome.job, gate);
    const { exitCode } = outcome;
    if (context.json)
      context.out.line(
        toJson({
          type: 'checked',
          file,
          table: table?.name ?? null,
          totalRows,
          successCount,
          failedCount,
          source,
          notices,
          notJudged,
          exitCode,
        }),
      );
    else await conclude(context, file, checked, options);
    sayWhyGate(context, file, outcome.job, gate);
  } catch (thrown) {
    if (context.signal.aborted) throw context.signal.reason;
    const error = asUserError(thrown);
    Object.assign(outcome, { error, exitCode: error.exitCode });
    if (context.json)
      context.out.line(toJson({ type: 'error', file, error: error.document(context.out.typed) }));
    else printError(context, error, several ? clean(file) : undefined);
  }
  return outcome;
}

function leftToDatabase(table: string | undefined, parts: readonly string[]): string {
  if (table === undefined) return 'Not checked: whether e-mails are already in the table.';
  return `${clean(table)}: only the database can check ${clean(parts.join(', '))}.`;
}

/** Prints the conclusion about a fully checked file. */
async function conclude(
  context: Context,
  file: string,
  { totalRows, successCount, failedCount, notices, digest }: Checked,
  { summary, all }: Pick<CheckOptions, 'summary' | 'all'>,
): Promise<void> {
  const { out, err, quiet } = context;
  if (summary && digest.total > 0) for (const line of await summaryLines(digest, out)) out.line(line);
  if (quiet) return;
  const more = failedCount - mostShown(context, all);
  if (!summary && more > 0) err.line(`… ${count(more)} more; by reason: --summary, all of them: --all`);
  // With an option, all of these rows may be good. What to do about single rows, their reasons say.
  const advice = digest.reasons.find((reason) => reason.advice?.includes(' --'))?.advice;
  if (advice !== undefined) err.hint(`${clean(file)}: advice: ${clean(advice)}`);
  for (const line of noticeLines(notices, showCommand(undefined)))
    err.line(`${clean(file)}: notice: ${line}`);
  const bad = `${count(failedCount)} would be rejected`;
  err.line(
    `${clean(file)}: ${plural(totalRows, 'row')}, ${count(successCount)} good, ` +
      (failedCount > 0 ? err.paint.yellow(bad) : bad),
  );
}
