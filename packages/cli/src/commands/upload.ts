/** `csvjobs upload`: streams files to the daemon; with --watch waits until their jobs are done. */
import type { Spec } from '@csvjobs/shared';
import { canAsk } from '../ask.js';
import { assertCanPublish, type CiOptions, publish, reported } from '../ci/publish.js';
import type { DaemonClient, ReadAs } from '../client/daemonClient.js';
import type { UploadSource } from '../client/uploadBody.js';
import type { LoadAs } from '../client/uploading.js';
import { destinationsOf, tableOf } from '../config/destinations.js';
import { fixedSpec } from '../config/jobSpec.js';
import type { SpecFlags } from '../config/specOptions.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { resolveId } from '../jobId.js';
import type { Gate } from '../outcome.js';
import { noteJob } from '../recentJobs.js';
import { wasLoadedBefore } from '../report/sameFile.js';
import { anySignal } from '../signals.js';
import type { Renderer } from '../ui/viewEvent.js';
import { asUserError, usageError } from '../userError.js';
import { follow, type Limit, withTimeout } from '../watching/follow.js';
import { watchRenderer } from '../watching/renderers.js';
import { viewActions } from '../watching/viewActions.js';
import { asJob } from './asJob.js';
import { confirmReplaced, mustNotReplace, replacedBy, sayThatNoneGo } from './confirmReplace.js';
import { withDefaultTable } from './defaultTable.js';
import { offerMap } from './offerMap.js';
import { withNextStep } from './refusedJob.js';
import { decideRepeats, heldTo, type Repeat, type RepeatFlags } from './sameFiles.js';
import { withCommands } from './tableHints.js';
import { conclude, sharesTerminal, type UploadResult, untried } from './uploadResult.js';
import { isBroken, openSources } from './uploadSources.js';

export interface UploadOptions extends RepeatFlags {
  watch: boolean;
  /** What the daemon need not detect on its own. */
  readAs: ReadAs;
  /** Whether to upload the other files if one cannot be read. */
  keepGoing?: boolean;
  /** The file name for stdin. */
  name: string | undefined;
  /** The table, and the path of a spec, for all files; without them the project file decides. */
  into: string | undefined;
  spec: string | undefined;
  /** The ID of a job to take table, spec, encoding and delimiter from, unless an option says otherwise. */
  like: string | undefined;
  /** The job whose rejected records the files contain; options not given are taken from it. */
  fixes?: string | undefined;
  /** Does not ask for the table's name before replacing its content. */
  yes?: boolean;
  /** What the options change in the spec of each file. */
  specFlags: SpecFlags;
  gate: Gate | undefined;
  /** Milliseconds. */
  timeout: number | undefined;
  ci: CiOptions;
}

/** Uploads in the order given, watching each job from the moment it is accepted. Returns the worst exit code. */
export async function upload(
  context: Context,
  files: readonly string[],
  options: UploadOptions,
): Promise<ExitCode> {
  return (await uploadFiles(context, files, options)).exitCode;
}

/** Like `upload`, but returns the result of each file too. */
export async function uploadFiles(
  context: Context,
  files: readonly string[],
  options: UploadOptions,
): Promise<{ exitCode: ExitCode; results: readonly UploadResult[] }> {
  const { name, keepGoing = false } = options;
  const opened = await openSources(context, files, { name, keepGoing });
  const sources = opened.filter((each) => !isBroken(each)) as UploadSource[];
  const broken = opened.filter(isBroken).map(({ file, error }) => ({
    ...untried(file),
    error,
    exitCode: error.exitCode,
  }));
  const { files: project, cwd } = context.settings;
  const named = sources.map(({ file, filename, remote }) => (file === '-' || remote ? filename : file));
  const parent = options.fixes === undefined ? undefined : await parentOf(context, options.fixes);
  const { readAs, ...flags } = await asJob(context, options, options.readAs);
  const destinations = parent
    ? await destinationsOf(
        named,
        { ...flags, likeSpec: parent.spec && fixedSpec(parent.spec as Spec, options.specFlags) },
        undefined,
        cwd,
      )
    : await destinationsOf(named, flags, project, cwd);
  await assertCanPublish(options.ci);
  context.watching();
  const client = await context.client();
  // If a user can be asked, check first whether the daemon runs. offerDaemon can then offer to start it, before any
  // file is reported as failed.
  if (canAsk(context))
    await client.ready().catch((error: unknown) => {
      if (asUserError(error).code === 'daemon_unreachable') throw error;
    });
  const tables = destinations.map(tableOf);
  const specs = destinations.map(({ spec }) => spec?.spec);
  if (parent) {
    mustNotReplace(options.specFlags);
    sayThatNoneGo(context, parent, options.specFlags);
  }
  if (!parent) await confirmReplaced(context, replacedBy(sources, tables, specs), options);
  const dryRuns = specs.map((spec) => spec?.csvjobs?.dryRun === true);
  const repeats = await decideRepeats(context, client, sources, tables, dryRuns, options);
  const leave = new AbortController();
  const results = sources.map(({ file }, lane) => untried(file, tables[lane], dryRuns[lane]));
  const names = shownNames(sources);
  const view = await watchRenderer(
    {
      ...context,
      // Without --watch, stdout gets one document, at the end.
      json: context.json && options.watch,
      progress: repeats.every((repeat) => repeat === 'leave') ? 'none' : context.progress,
    },
    names,
    viewActions(context, client, () => {
      // Once everything is uploaded, leaving loses nothing; before that, it is an interruption.
      if (results.every(({ jobId, error, declined }) => jobId !== undefined || error || declined))
        leave.abort();
      else context.interrupt(EXIT.interrupted);
    }),
    { sizes: sources.map(({ size }) => size), stays: options.watch, paths: sources.map(({ file }) => file) },
  );
  const limit = withTimeout(anySignal([context.signal, leave.signal]), options.timeout);
  const watching: Promise<void>[] = [];
  try {
    for (const [lane, source] of sources.entries()) {
      const result = results[lane];
      const repeat = repeats[lane];
      if (!result || !repeat) continue;
      if (repeat === 'leave') {
        Object.assign(result, { declined: true, exitCode: EXIT.usage });
        view.handle({ type: 'error', lane, error: usageError('not loaded again') });
        continue;
      }
      const { into, spec } = destinations[lane] ?? {};
      const how = { ...readAs, into, fixes: parent?.id, spec: spec?.bytes };
      await uploadOne(context, client, view, lane, source, result, how, repeat);
      if (result.jobId !== undefined && options.watch)
        watching.push(watchOne(context, client, view, lane, result, limit, options.gate));
      // The next file would fail in the same way.
      if (
        context.signal.aborted ||
        result.exitCode === EXIT.unreachable ||
        result.exitCode === EXIT.unauthorised
      )
        break;
    }
    await Promise.all(watching);
    if (!options.watch && !context.quiet) await lookAtFiles(context, client, view, results);
  } finally {
    limit.clear();
    await view.close();
  }
  if (options.watch && !context.signal.aborted) {
    const outcomes = [...results, ...broken].map(({ file, ...result }, lane) => ({
      ...result,
      work: 'loaded' as const,
      digest: undefined,
      path: file,
      name: names[lane] ?? file,
    }));
    await publish(context, outcomes, options.ci, reported(client));
  }
  const exitCode = conclude(context, [...results, ...broken], options);
  if (files.length === 1) {
    const { into, spec, like, specFlags, readAs } = options;
    await offerMap(context, files[0]!, results[0]!.error, results[0]!.table, {
      into,
      spec,
      tableFile: undefined,
      like,
      specFlags,
      readAs,
    });
  }
  return { exitCode, results: [...results, ...broken] };
}

/** What each file is called: its name, or its path as given if another one has the same name. */
function shownNames(sources: readonly { file: string; filename: string }[]): string[] {
  const isShared = (name: string) => sources.filter(({ filename }) => filename === name).length > 1;
  return sources.map(({ file, filename }) => (isShared(filename) ? file : filename));
}

/** The job whose rejected records are uploaded. Options change its spec if no other is given. */
async function parentOf(context: Context, id: string) {
  const client = await context.client();
  return client.job(await resolveId(client, id));
}

async function uploadOne(
  context: Context,
  client: DaemonClient,
  view: Renderer,
  lane: number,
  source: UploadSource,
  result: UploadResult,
  how: ReadAs & LoadAs,
  repeat: Repeat,
): Promise<void> {
  const totalBytes = source.size;
  view.handle({ type: 'uploading', lane, sentBytes: 0, totalBytes });
  try {
    const answer = await client.upload(
      source,
      { ...how, once: repeat !== 'load' },
      {
        onSent: (sentBytes) => view.handle({ type: 'uploading', lane, sentBytes, totalBytes }),
        onRetry: (reason, sentBytes) => view.handle({ type: 'retrying', lane, reason, sentBytes }),
        onContinue: (sentBytes) => view.handle({ type: 'continuing', lane, sentBytes, totalBytes }),
        onKept: () => {
          result.kept = true;
        },
      },
    );
    heldTo(repeat, answer);
    Object.assign(result, answer);
  } catch (error) {
    if (context.signal.aborted) return;
    const known =
      how.fixes === undefined
        ? asUserError(error)
        : await withNextStep(context, client, how.fixes, 'fix', asUserError(error));
    const named = how.fixes ?? result.table;
    const { words } = context;
    result.error = withDefaultTable(withCommands(known, source, result.table, words), source, named, words);
    result.exitCode = result.error.exitCode;
    view.handle({ type: 'error', lane, error: result.error });
    return;
  }
  const { jobId = '', table, earlier, dryRun } = result;
  view.handle({ type: 'uploaded', lane, jobId, table, earlier, dryRun });
  result.exitCode = EXIT.done;
  // `undo @last` must not mean a job that this upload has only found.
  if (!wasLoadedBefore(result)) noteJob(client.url, jobId);
  if (!context.json && !sharesTerminal(context)) context.out.line(jobId);
}

/** Without --watch: fetches the notices on files that the daemon reads within a moment. */
async function lookAtFiles(
  { signal }: Context,
  client: DaemonClient,
  view: Renderer,
  results: UploadResult[],
): Promise<void> {
  const { firstNotices } = await import('../watching/firstNotices.js');
  const ids = results.flatMap(({ jobId }) => jobId ?? []);
  await firstNotices(client, ids, signal, (job) => {
    const lane = results.findIndex(({ jobId }) => jobId === job.id);
    results[lane]!.notices = job.notices;
    view.handle({ type: 'job', lane, job });
  });
}

async function watchOne(
  context: Context,
  client: DaemonClient,
  view: Renderer,
  lane: number,
  result: UploadResult,
  limit: Limit,
  gate: Gate | undefined,
): Promise<void> {
  const jobId = result.jobId ?? '';
  result.exitCode = EXIT.unfinished;
  try {
    const { job, exitCode } = await follow(context, client, lane, jobId, view, {
      gate,
      limit,
      // A held job ends the watching, unless the user can answer with keys.
      endsHeld: !(context.progress === 'tty' && context.stdin.isTTY === true),
    });
    Object.assign(result, { job, exitCode, notices: job.notices });
  } catch (error) {
    // Left or interrupted: the job continues.
    if (limit.signal.aborted && !limit.timedOut()) return;
    result.error = asUserError(error);
    result.exitCode = result.error.exitCode;
    view.handle({ type: 'error', lane, jobId, error: result.error });
  }
}
