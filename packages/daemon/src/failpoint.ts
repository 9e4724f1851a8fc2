/**
 * Places in the program where a test can make it fail: kill it, stop it, throw, or delay. The variable
 * CSVJOBS_FAILPOINTS arms them; config.ts reads it only if NODE_ENV is `test`. Everywhere else, a failpoint
 * is a lookup in an empty map.
 */
import { Failure } from './failure.js';

const ACTIONS = ['kill', 'stop', 'exit', 'throw', 'delay', 'block'] as const;
type Action = (typeof ACTIONS)[number];

export interface Failpoint {
  name: string;
  /** Acts the nth time it is reached in this thread, and never again. */
  nth: number;
  action: Action;
  /** For `delay` (the rest of the program continues) and `block` (nothing does). */
  ms: number;
}

const armed = new Map<string, { point: Failpoint; hits: number }>();

/**
 * Reads `name[:nth]=action[/ms]`, several of them separated by commas: `before-commit:3=kill,after-rename=delay/500`.
 * @throws {Failure} `configuration_invalid` for anything else
 */
export function parseFailpoints(text: string): Failpoint[] {
  return text.split(',').map((each) => {
    const [, name, nth = '1', action, ms = '0'] =
      /^([a-z-]+)(?::(\d+))?=([a-z]+)(?:\/(\d+))?$/.exec(each.trim()) ?? [];
    const known = ACTIONS.find((one) => one === action);
    if (name === undefined || known === undefined) {
      throw new Failure(
        'configuration_invalid',
        `CSVJOBS_FAILPOINTS: ${JSON.stringify(each)} is not name[:nth]=action[/ms]; actions are ${ACTIONS.join(', ')}`,
      );
    }
    return { name, nth: Number(nth), action: known, ms: Number(ms) };
  });
}

export function armFailpoints(points: readonly Failpoint[]): void {
  for (const point of points) armed.set(point.name, { point, hits: 0 });
}

/** The armed failpoints, to pass to a thread, which has its own map. */
export function armedFailpoints(): Failpoint[] {
  return [...armed.values()].map((each) => each.point);
}

/** Fails here if a test has armed it. */
export async function failpoint(name: string): Promise<void> {
  const found = armed.get(name);
  if (found === undefined) return;
  found.hits++;
  if (found.hits === found.point.nth) await act(found.point);
}

async function act({ name, action, ms }: Failpoint): Promise<void> {
  switch (action) {
    case 'kill':
    case 'stop':
      process.kill(process.pid, action === 'kill' ? 'SIGKILL' : 'SIGSTOP');
      return;
    case 'exit':
      return process.exit(1);
    case 'throw':
      throw new Failure('failpoint', `the failpoint ${name} throws`, { retryable: true });
    case 'delay':
      return new Promise((resolve) => setTimeout(resolve, ms));
    case 'block':
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
  }
}
