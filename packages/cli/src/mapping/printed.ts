/** Prints the best mapping found as a spec, on stdout or in a file, without a screen. */
import { problem, type SpecInput } from '@csvjobs/shared';
import { problemError } from '../client/daemonError.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { printError } from '../printError.js';
import { noticeLines } from '../report/notices.js';
import { clean, fileArgument, shellQuote, toJson } from '../text/text.js';
import { toYaml } from '../text/yaml.js';
import { UserError } from '../userError.js';
import { fieldsOf } from './model.js';
import { saveSpec } from './save.js';
import { bytesOf, type Mapped, type MapTask, specOfTask, underSpec, uploadCommand } from './task.js';

/**
 * Prints the spec. Exit 0 if a load with it would be accepted, otherwise 2 with what is missing.
 * @throws UserError if the spec's file cannot be written, for example because it exists
 */
export async function printed(context: Context, task: MapTask): Promise<ExitCode> {
  const { out, err, json, quiet } = context;
  const spec = specOfTask(task, task.sources);
  const under = await underSpec(task, bytesOf(spec), context.signal);
  // The header was read before, so nothing is refused now.
  const { columns, faults, missingRights, notices } = under.type === 'mapped' ? under : task.answer;
  const guesses = guessesOf(task);
  const exitCode = faults.length === 0 && missingRights === undefined ? EXIT.done : EXIT.usage;
  if (task.output !== undefined) await saved(context, task, spec, task.output);
  if (json) {
    const { file, model, answer } = task;
    const document = {
      file,
      table: model.table,
      spec,
      source: answer.source,
      fields: answer.fields,
      columns,
      guesses,
      faults,
      missingRights,
      notices,
      exitCode,
    };
    out.line(toJson(document, out.tty ? 2 : undefined));
    return exitCode;
  }
  if (task.output === undefined) out.line(toYaml(spec));
  if (!quiet) {
    const name = clean(task.file);
    for (const { column, field } of guesses)
      err.line(
        `${name}: guess: ${clean(column)} may be ${clean(JSON.stringify(field))}; a load uses it only with this spec`,
      );
    for (const line of noticeLines(notices, '--json')) err.line(`${name}: notice: ${line}`);
  }
  if (faults.length > 0) printError(context, doesNotFit(task, faults));
  else if (missingRights !== undefined)
    printError(context, problemError(problem('table_no_rights', missingRights)));
  else if (task.output !== undefined) out.hint(uploadCommand(task, task.output));
  return exitCode;
}

function guessesOf({ model, sources }: MapTask): { column: string; field: string }[] {
  return model.columns.flatMap(({ name: column }, at) => {
    const source = sources[at];
    if (source?.origin !== 'guess') return [];
    return [{ column, field: model.fields[fieldsOf(source)[0]!]!.name }];
  });
}

async function saved(context: Context, task: MapTask, spec: SpecInput, path: string): Promise<void> {
  const result = await saveSpec(path, spec, { cwd: context.settings.cwd, overwrite: false });
  if (result.saved) return;
  throw new UserError({
    code: 'usage',
    exitCode: EXIT.usage,
    what: `${clean(path)} cannot be written`,
    why: result.why,
    next: result.exists
      ? `choose another file, or redirect instead of -o: csvjobs map ${fileArgument(task.file)} --print > ${shellQuote(path)}`
      : undefined,
  });
}

function doesNotFit({ model, file, into }: MapTask, faults: Mapped['faults']): UserError {
  const intoWords = into === undefined ? '' : ` --into ${shellQuote(into)}`;
  return new UserError({
    code: 'spec_mismatch',
    exitCode: EXIT.usage,
    what: `${clean(file)} does not fit ${clean(model.table)} with this spec`,
    why: clean(faults.join('; ')),
    next:
      file === '-'
        ? 'add what is missing to the spec: csvjobs.firstOf, combine, default or constant'
        : `choose on a terminal (csvjobs map ${fileArgument(file)}${intoWords}), or add what is missing to the spec: csvjobs.firstOf, combine, default or constant`,
  });
}
