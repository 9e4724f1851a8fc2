import type { TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import base from './vitest.base.js';

const ALL = [
  'packages/*/test/**/*.test.{ts,tsx}',
  'e2e/{test,faults,managed,hosts}/**/*.test.ts',
  'scripts/test/**/*.test.ts',
];
const NOT_OURS = '**/node_modules/**';

/** Files that change what belongs to the process, or measure it. */
const NOT_TOGETHER = [
  // Variables of the environment.
  's3',
  's3Faults',
  // The memory that the process has.
  'decompress',
];

/**
 * Files that share a worker process, one after the other: each has imported the daemon then, which takes 1.5 CPU seconds, or the
 * API's description, which takes 1.
 */
const TOGETHER = `{packages/*/test,e2e/{test,faults,managed,hosts}}/**/!(${NOT_TOGETHER.join('|')}).test.{ts,tsx}`;

/** What files that share a process have in place of a process each. */
export const together = {
  isolate: false,
  setupFiles: [...base.test!.setupFiles!, 'packages/daemon/test/support/leavesNothing.ts'],
};

/** All tests, in two projects. @param test settings of both */
export function projects({
  exclude = [],
  ...test
}: TestProjectInlineConfiguration['test'] = {}): TestProjectInlineConfiguration[] {
  // Servers are started once a run, for all projects.
  const { globalSetup: _, ...settings } = { ...base.test!, ...test };
  const resolve = base.resolve!;
  const others = [NOT_OURS, ...exclude];
  return [
    { resolve, test: { ...settings, name: 'alone', include: ALL, exclude: [...others, TOGETHER] } },
    { resolve, test: { ...settings, ...together, name: 'together', include: [TOGETHER], exclude: others } },
  ];
}

/**
 * Those alone first: a worker is kept for as long as the file that follows may share it. Then those of e2e, of which some wait for
 * more than a minute. Else as vitest does it, the longest first.
 */
export class AloneFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ project, moduleId }: TestSpecification) =>
      project.config.isolate ? 0 : moduleId.includes('/e2e/') ? 1 : 2;
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
