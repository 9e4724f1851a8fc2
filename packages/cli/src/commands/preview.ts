/**
 * `csvjobs preview`: shows the first records of a file as they would be stored; the daemon loads them and rolls back.
 */
import type { Preview, RecordFate } from '@csvjobs/shared';
import type { ReadAs } from '../client/daemonClient.js';
import type { UploadSource } from '../client/uploadBody.js';
import { isBucketAddress } from '../client/web/webAddress.js';
import { destinationsOf, tableOf } from '../config/destinations.js';
import type { SpecFlags } from '../config/specOptions.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { GATES, parseGate } from '../outcome.js';
import { noticeLines, showCommand } from '../report/notices.js';
import { previewLines } from '../text/previewed.js';
import { removalLines } from '../text/previewedRemoval.js';
import { clean, count, plural, shellQuote, toJson } from '../text/text.js';
import { asUserError, UserError, usageError } from '../userError.js';
import { asJob } from './asJob.js';
import { withDefaultTable } from './defaultTable.js';
import { withCommands } from './tableHints.js';
import { openSources } from './uploadSources.js';

export interface PreviewOptions {
  /** How many records. */
  rows: number;
  /** The file name for stdin. */
  name: string | undefined;
  /** As for an upload. */
  into: string | undefined;
  spec: string | undefined;
  like: string | undefined;
  specFlags: SpecFlags;
  readAs: ReadAs;
}

/**
 * Exit 0 if none of the records would be rejected, otherwise 3. For a replacement that would be refused, the exit code
 * of its load.
 */
export async function preview(context: Context, file: string, options: PreviewOptions): Promise<ExitCode> {
  const { name, rows } = options;
  if (isBucketAddress(file))
    throw usageError(
      `${clean(file)} is in a bucket, and preview cannot read from buckets`,
      'it reads files and web addresses',
      `csvjobs preview "$(aws s3 presign ${shellQuote(file)})"`,
    );
  const [source] = (await openSources(context, [file], { name, keepGoing: false })) as [UploadSource];
  const { files: project, cwd } = context.settings;
  const { readAs, ...flags } = await asJob(context, options, options.readAs);
  const [destination] = await destinationsOf(
    [file === '-' || source.remote ? source.filename : file],
    flags,
    project,
    cwd,
  );
  const { into, spec } = destination!;
  assertGate(options.specFlags.maxErrors, spec?.spec?.csvjobs?.replace ?? false);
  const client = await context.client();
  const how = { ...readAs, into, spec: spec?.bytes, rows };
  const found = await client.preview(source, how).catch((error: unknown) => {
    if (context.signal.aborted) throw error;
    const failed = asUserError(error);
    const named = tableOf(destination!);
    const { words } = context;
    throw (
      withHeld(failed) ?? withDefaultTable(withCommands(failed, source, named, words), source, named, words)
    );
  });
  const exitCode = exitCodeOf(found);
  if (context.json) {
    context.out.line(toJson({ file: source.file, ...found, exitCode }, context.out.tty ? 2 : undefined));
    return exitCode;
  }
  await show(context, found);
  if (!context.quiet) conclude(context, source.file, found);
  return exitCode;
}

/** @throws UserError for an invalid limit, or one that a preview cannot judge */
function assertGate(maxErrors: string | undefined, replaces: boolean): void {
  if (maxErrors === undefined) return;
  parseGate(maxErrors);
  if (replaces) return;
  throw usageError(
    '--max-errors needs --replace here',
    'a preview reads a whole file only for a replacement',
    'leave it out, or run csvjobs check with it',
  );
}

/** A replacement that would be refused has the exit code of its load, no matter how its first records fare. */
function exitCodeOf({ removed, counts }: Preview): ExitCode {
  const [refusal] = removed?.refusals ?? [];
  if (refusal) return GATES.includes(refusal.code) ? EXIT.gate : EXIT.failed;
  return counts.rejected > 0 ? EXIT.rejects : EXIT.done;
}

/** A held job keeps rows or the table locked until someone accepts or discards it. */
function withHeld({ code, exitCode, message: what, why, cause }: UserError): UserError | undefined {
  const [, id] = /csvjobs accept ([0-9a-f-]{36})/.exec(why ?? '') ?? [];
  if (id === undefined) return undefined;
  const next = `csvjobs accept ${id}, or csvjobs discard ${id}`;
  return new UserError({ code, exitCode, what, why: why?.replace(/: csvjobs accept .*$/s, ''), next, cause });
}

async function show({ out }: Context, found: Preview): Promise<void> {
  const records = await previewLines(found, out.columns, out.paint);
  const removed = found.removed ? await removalLines(found.removed, out.columns, out.paint) : [];
  const lines = [...records, ...removed];
  if (!out.tty) {
    for (const line of lines) out.line(line);
    return;
  }
  const { showPreview } = await import('../ui/preview/showPreview.js');
  await showPreview(out, lines);
}

/** Prints the notices and the conclusion after the records. */
function conclude(
  { err }: Context,
  file: string,
  { records, counts, more, notices, ...found }: Preview,
): void {
  for (const line of noticeLines(notices, showCommand(undefined)))
    err.line(`${clean(file)}: notice: ${line}`);
  if (found.beginning)
    err.line(
      `${clean(file)}: only its beginning was read; encoding, delimiter and layout depend on it alone`,
    );
  const fates = (Object.keys(counts) as RecordFate[]).filter((fate) => counts[fate] > 0);
  const parts = fates.map((fate) => {
    const text = `${count(counts[fate])} ${fate}`;
    return fate === 'rejected' ? err.paint.yellow(text) : text;
  });
  const which = more ? `the first ${plural(records.length, 'record')}` : plural(records.length, 'record');
  const refused = found.removed?.refusals.map(({ code }) => code) ?? [];
  const ends = refused.length > 0 ? `; the load would be refused: ${refused.join(', ')}` : '';
  err.line(
    `${clean(file)}: ${which} into ${clean(found.table)}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}${ends}; rolled back, nothing was loaded`,
  );
}
