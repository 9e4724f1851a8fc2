/**
 * The two forms of the tests: `npm test` is short, `npm run test:long` includes tests tagged `long`, and more of those tagged
 * `sized`. Also what tests need that this machine may lack: `npm test` lists at its end what was skipped without it.
 */
import type { TestContext, TestOptions } from 'vitest';

declare module 'vitest' {
  interface TaskMeta {
    /** What the test needs, for the list at the end of `npm test`. */
    needs?: string;
  }
}

const IN_LONG_FORM = process.env.TEST_FORM === 'long';
/** `npm test` runs the tests of the SQL a second time, on the oldest PostgreSQL. */
export const ON_OLDEST = process.env.TEST_POSTGRES_SHORT !== undefined;

/**
 * The workload of a test tagged `sized`, in this form; and on the oldest PostgreSQL, where `npm test` runs the tests
 * of the SQL a second time (vitest.postgres.config.ts).
 */
export function sized<T>(short: T, long: T, onOldest = short): T {
  return IN_LONG_FORM ? long : ON_OLDEST ? onOldest : short;
}

/** For a test that the short form leaves out. */
export const LONG: TestOptions = { tags: ['long'] };

/** For a test with several variants, of which the short form runs one. @param chosen whether this is the one */
export function inShortIf(chosen: boolean): TestOptions {
  return chosen ? {} : LONG;
}

/** The same if the workload of the variants is `sized`. */
export function sizedIf(chosen: boolean): TestOptions {
  return chosen ? { tags: ['sized'] } : LONG;
}

/** For a test of the SQL that the short form runs on the newest PostgreSQL only: on the oldest, others show the promise. */
export const ON_NEWEST: TestOptions = inShortIf(!ON_OLDEST);

/**
 * A test of each kind in each way. The short form has each kind in one way, in turn, so that it has each way too; the long form has
 * the others.
 */
export function crossed<Kind, Way>(
  kinds: readonly Kind[],
  ways: readonly Way[],
): { kind: Kind; way: Way; options: TestOptions }[] {
  const inShort = (kind: number, way: number) =>
    kinds.length < ways.length ? way % kinds.length === kind : kind % ways.length === way;
  return kinds.flatMap((kind, at) =>
    ways.map((way, turn) => ({ kind, way, options: inShortIf(inShort(at, turn)) })),
  );
}

/** Skips the running test, because something is missing. */
export function skipWithout(context: Pick<TestContext, 'task' | 'skip'>, needs: string): never {
  context.task.meta.needs = needs;
  return context.skip(needs);
}
