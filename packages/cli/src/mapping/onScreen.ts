/**
 * Mapping by eye: shows the screen until the user leaves or saves, then prints the command that uses the saved spec.
 */
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { clean } from '../text/text.js';
import { Interrupted } from '../userError.js';
import { createCounter } from './counting.js';
import { missing, type Sources } from './model.js';
import { proposedPath, saveSpec } from './save.js';
import { begin } from './screen.js';
import type { ScreenState } from './state.js';
import { createStore, type ScreenStore } from './store.js';
import { bytesOf, type MapTask, specOfTask, uploadCommand } from './task.js';

export async function onScreen(context: Context, task: MapTask): Promise<ExitCode> {
  const { signal } = context;
  const counter = createCounter(task.path, { ...task.readAs, ...task.answer.source, table: task.document });
  const count = (sources: Sources) =>
    counter.start(missing(task.model, sources).length > 0 ? undefined : bytesOf(specOfTask(task, sources)));
  const { promise: ended, resolve: end } = promised<ScreenState | undefined>();
  const first = begin(task.model, task.sources, {
    path: task.output ?? proposedPath(task.file),
    asksPath: task.output === undefined,
  });
  const store: ScreenStore = createStore(first, {
    changed: ({ sources }) => count(sources),
    wished: (wish, state) => {
      if (wish.do === 'leave') end(undefined);
      else if (wish.do === 'interrupt') context.interrupt(EXIT.interrupted);
      else void save(context, task, state, wish.overwrite, store, end);
    },
  });
  signal.addEventListener('abort', () => end(undefined));
  if (signal.aborted) end(undefined);
  count(task.sources);
  const { mapScreen } = await import('../ui/map/mapScreen.js');
  const screen = mapScreen(context, store, counter);
  const saved = await ended;
  await Promise.all([screen.close(), counter.close()]);
  const { reason } = signal as { reason?: unknown };
  if (reason instanceof Interrupted) return reason.exitCode;
  if (signal.aborted) throw reason;
  const last = counter.count();
  if (saved) conclude(context, task, saved, last.state === 'refused' ? last.why : undefined);
  return EXIT.done;
}

async function save(
  { settings }: Context,
  task: MapTask,
  state: ScreenState,
  overwrite: boolean,
  store: ScreenStore,
  end: (state: ScreenState) => void,
): Promise<void> {
  const spec = specOfTask(task, state.sources);
  const result = await saveSpec(state.path, spec, { cwd: settings.cwd, overwrite });
  if (result.saved) end(state);
  else if (result.exists) store.send({ type: 'exists' });
  else store.send({ type: 'failed', message: `${state.path} cannot be written: ${result.why}` });
}

/** @param refusal why an upload would be refused; on the screen, there was room only for its first words */
function conclude(
  { out, err, quiet }: Context,
  task: MapTask,
  { path, sources }: ScreenState,
  refusal: string | undefined,
): void {
  const lacking = missing(task.model, sources);
  if (!quiet) err.line(`Saved ${clean(path)}. Load the file with it:`);
  if (lacking.length > 0)
    err.line(err.paint.yellow(`! nothing fills ${clean(lacking.join(', '))}: an upload would be refused`));
  else if (refusal !== undefined)
    err.line(err.paint.yellow(`! an upload would be refused: ${clean(refusal)}`));
  out.hint(uploadCommand(task, path));
}

function promised<T>(): { promise: Promise<T>; resolve(value: T): void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
