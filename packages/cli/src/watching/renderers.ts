/** Chooses the renderers of a call, for stdout and stderr. */
import type { Job } from '@csvjobs/shared';
import { canAsk } from '../ask.js';
import type { Context } from '../context.js';
import type { ViewActions } from '../ui/actions.js';
import type { Renderer, ViewEvent } from '../ui/viewEvent.js';

export interface ViewOptions {
  /** Size of each file in bytes, if known. */
  sizes?: readonly (number | undefined)[];
  /** The jobs as they were before the first event, if they exist already. */
  jobs?: readonly Job[];
  /** Whether the live view leaves its last state on the terminal. */
  stays?: boolean;
  /** The files as given, for programs and for printed commands. */
  paths?: readonly string[];
}

/**
 * The renderer for watching: NDJSON on stdout under --json, and on stderr what --progress asks for. The live view
 * (Ink) is loaded only when it is drawn.
 */
export async function watchRenderer(
  context: Context,
  names: readonly string[],
  actions: ViewActions,
  { sizes = [], jobs = [], stays = true, paths }: ViewOptions = {},
): Promise<Renderer> {
  const { out, err, json, progress } = context;
  const renderers: Renderer[] = [];
  const files = paths ?? [];
  if (json) {
    const { jsonRenderer } = await import('../ui/json.js');
    renderers.push(jsonRenderer(out, paths ?? names));
  }
  if (progress === 'plain') {
    const { plainRenderer } = await import('../ui/plain.js');
    const write = (text: string) => err.hint(text.replace(/\n$/, ''));
    renderers.push(plainRenderer(write, names, undefined, files, canAsk(context)));
  }
  if (progress === 'json') {
    const { jsonRenderer } = await import('../ui/json.js');
    renderers.push(jsonRenderer(err, paths ?? names));
  }
  if (progress === 'tty') {
    const { liveRenderer } = await import('../ui/live.js');
    const { stdin, interrupt, onSuspend } = context;
    renderers.push(
      liveRenderer({ err, stdin, interrupt, onSuspend, names, paths: files, sizes, jobs, actions, stays }),
    );
  }
  return {
    handle: (event: ViewEvent) => {
      for (const renderer of renderers) renderer.handle(event);
    },
    close: async () => {
      for (const renderer of renderers) await renderer.close();
    },
  };
}
