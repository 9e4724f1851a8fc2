/**
 * The two forms of the tests: `npm test` is short, `npm run test:long` has what is tagged `long`, and more of what is tagged
 * `sized`. And what a test needs that this machine may lack: `npm test` says at its end what was skipped for want of it.
 */
import type { TestContext } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** What the test is skipped without, for the end of `npm test`. */
    needs?: string;
  }
}

const LONG = process.env.TEST_FORM === 'long';

/** How much a test that is tagged `sized` works on, in this form. */
export function sized<T>(short: T, long: T): T {
  return LONG ? long : short;
}

/** Skips the test that runs, for want of something. */
export function skipWithout(context: Pick<TestContext, 'task' | 'skip'>, needs: string): never {
  context.task.meta.needs = needs;
  return context.skip(needs);
}
