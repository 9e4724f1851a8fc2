/** `csvjobs map`: maps the fields of a file to the columns of a table, on a screen or printed as a spec. */
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
  /** The table, and the path of a spec to start from; without them the project file decides. */
  into: string | undefined;
  spec: string | undefined;
  /** The path of what `csvjobs describe --json` printed, instead of a daemon. */
  tableFile: string | undefined;
  /** The ID of a job whose table, spec, encoding and delimiter it starts from. */
  like: string | undefined;
  /** What the options change in the spec that it starts from. */
  specFlags: SpecFlags;
  /** Where the spec goes. */
  output: string | undefined;
  /** Never opens the screen, not even on a terminal. */
  print: boolean;
  readAs: ReadAs;
}

/**
 * Opens the screen if there is a terminal, otherwise prints the best mapping it finds.
 * @throws UserError for a file that no mapping can save, and in the same cases as `csvjobs check`
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
        columns: columnsOf(answer, target),
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
