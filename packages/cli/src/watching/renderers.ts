/** Which renderers a call has: what stdout is told, and what stderr shows. */
import type { Context } from '../context.js';
import type { ViewActions } from '../ui/actions.js';
import type { Happening, Renderer } from '../ui/happening.js';

/**
 * The renderer for watching: NDJSON on stdout under --json, and on stderr what --progress asks for. The live view
 * (Ink) is loaded only when it is drawn.
 */
export async function watchRenderer(
  context: Context,
  names: readonly string[],
  actions: ViewActions,
): Promise<Renderer> {
  const { out, err, json, progress } = context;
  const renderers: Renderer[] = [];
  if (json) {
    const { jsonRenderer } = await import('../ui/json.js');
    renderers.push(jsonRenderer((text) => out.stream.write(text), names));
  }
  if (progress === 'plain') {
    const { plainRenderer } = await import('../ui/plain.js');
    renderers.push(plainRenderer((text) => err.stream.write(text), names));
  }
  if (progress === 'json') {
    const { jsonRenderer } = await import('../ui/json.js');
    renderers.push(jsonRenderer((text) => err.stream.write(text), names));
  }
  if (progress === 'tty') {
    const { liveRenderer } = await import('../ui/live.js');
    renderers.push(liveRenderer({ err, stdin: context.stdin, interrupt: context.interrupt, names, actions }));
  }
  return {
    tell: (happening: Happening) => {
      for (const renderer of renderers) renderer.tell(happening);
    },
    close: async () => {
      for (const renderer of renderers) await renderer.close();
    },
  };
}
