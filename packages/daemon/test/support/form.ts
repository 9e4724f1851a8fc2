/**
 * The two forms of the tests: `npm test` is short, `npm run test:long` has what is tagged `long`, and more of what is tagged
 * `sized`. And what a test needs that this machine may lack: `npm test` says at its end what was skipped for want of it.
 */
import type { TestContext, TestOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** What the test is skipped without, for the end of `npm test`. */
    needs?: string;
  }
}

const LONG = process.env.TEST_FORM === 'long';
const ON_OLDEST = process.env.TEST_POSTGRES_SHORT !== undefined;

/**
 * How much a test that is tagged `sized` works on, in this form; and on the oldest PostgreSQL, where `npm test` runs the tests that
 * carry the SQL a second time (vitest.postgres.config.ts).
 */
export function sized<T>(short: T, long: T, onOldest = short): T {
  return LONG ? long : ON_OLDEST ? onOldest : short;
}

/** Of a test that there is for several things, of which the short form has one. @param chosen whether this is the one */
export function inShortIf(chosen: boolean): TestOptions {
  return chosen ? {} : { tags: ['long'] };
}

/** Skips the test that runs, for want of something. */
export function skipWithout(context: Pick<TestContext, 'task' | 'skip'>, needs: string): never {
  context.task.meta.needs = needs;
  return context.skip(needs);
}
