/** `csvjobs map`: which field of a file fills which column of a table, chosen by eye, or printed as a spec. */
import { CUSTOMERS_TARGET, PROBLEMS, type ProblemCode, problem, type Target } from '@csvjobs/shared';
import { CUSTOMERS } from '@csvjobs/shared/paths';
import type { ReadAs } from '../client/daemonClient.js';
import { problemError } from '../client/daemonError.js';
import { destinationsOf } from '../config/destinations.js';
import type { SpecFlags } from '../config/specOptions.js';
import type { Context } from '../context.js';
import type { ExitCode } from '../exitCodes.js';
import { canDraw } from '../mapping/canDraw.js';
import { columnsOf, sourcesOf } from '../mapping/model.js';
import { type Mapped, type MapTask, underSpec } from '../mapping/task.js';
import { STDIN_NAME } from '../text/text.js';
import { asJob } from './asJob.js';
import { tableLookup } from './checkTable.js';
import { openLocal } from './localFile.js';

export interface MapOptions {
  /** The table, and the path of a spec to begin with; else the project file decides. */
  into: string | undefined;
  spec: string | undefined;
  /** The path of what `csvjobs describe --json` printed, instead of a daemon. */
  tableFile: string | undefined;
  /** The id of a job whose table, spec, encoding and delimiter it begins with. */
  like: string | undefined;
  /** What options write into the spec that it begins with. */
  specFlags: SpecFlags;
  /** Where the spec goes. */
  output: string | undefined;
  /** No screen, on a terminal either. */
  print: boolean;
  readAs: ReadAs;
}

/**
 * Maps on a screen where there is a terminal to draw it on, else prints the best mapping that is found.
 * @throws UserError for a file that no mapping can save, and as `csvjobs check` does
 */
export async function map(context: Context, file: string, options: MapOptions): Promise<ExitCode> {
  const { files: project, cwd } = context.settings;
  const named = file === '-' ? STDIN_NAME : file;
  const { readAs, ...flags } = await asJob(context, options, options.readAs);
  const [destination] = await destinationsOf([named], flags, project, cwd);
  const table = await (await tableLookup(context, options.tableFile))(destination!, file);
  const { path, remove } = await openLocal(context, file);
  const { output } = options;
  const spec = destination!.spec;
  const at = { path, document: table?.document, readAs };
  try {
    const answer = await mapped(at, spec?.bytes, context.signal);
    const target = table ? (JSON.parse(table.document) as Target) : CUSTOMERS_TARGET;
    const task: MapTask = {
      file,
      ...at,
      into: table?.name ?? destination!.into,
      model: {
        file,
        table: table?.name ?? CUSTOMERS,
        fields: answer.fields,
        columns: columnsOf(answer, target.columns),
      },
      answer,
      sources: sourcesOf(answer),
      base: spec?.spec,
      output,
    };
    if (!options.print && canDraw(context))
      return await (await import('../mapping/onScreen.js')).onScreen(context, task);
    return await (await import('../mapping/printed.js')).printed(context, task);
  } finally {
    await remove();
  }
}

/** @throws UserError (exit 2) for a file that no mapping could load */
async function mapped(
  at: Pick<MapTask, 'path' | 'document' | 'readAs'>,
  spec: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<Mapped> {
  const answer = await underSpec(at, spec, signal);
  if (answer.type === 'mapped') return answer;
  const known = Object.hasOwn(PROBLEMS, answer.code) ? (answer.code as ProblemCode) : 'file_invalid';
  throw problemError(problem(known, answer.message));
}
