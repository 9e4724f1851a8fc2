import type { TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import base from './vitest.base.js';

const SUFFIX = '**/*.test.{ts,tsx}';
const NOT_OURS = '**/node_modules/**';

/** Folders whose files share a worker process, one after the other: each has imported the daemon then, which takes 1.5 CPU seconds. */
const TOGETHER = ['packages/daemon/test', 'packages/shared/test'].map((folder) => `${folder}/${SUFFIX}`);

/** Those of them that do not, as they change what belongs to the process, or measure it. */
const NOT_TOGETHER = [
  // Variables of the environment.
  'packages/daemon/test/storage/s3Faults.test.ts',
  // The memory that the process has.
  'packages/daemon/test/pipeline/decode/decompress.test.ts',
];

/** The others have a process each; most of these tests are about processes that they start. */
const ALONE = ['packages/cli/test', 'e2e/{test,faults,managed,hosts}', 'scripts/test'].map(
  (folder) => `${folder}/${SUFFIX}`,
);

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
    { resolve, test: { ...settings, name: 'alone', include: [...ALONE, ...NOT_TOGETHER], exclude: others } },
    {
      resolve,
      test: {
        ...{ ...settings, ...together },
        ...{ name: 'together', include: TOGETHER, exclude: [...others, ...NOT_TOGETHER] },
      },
    },
  ];
}

/** Those alone first: a worker is kept for as long as the file that follows may share it. Else as vitest does it, the longest first. */
export class AloneFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const alone = (file: TestSpecification) => file.project.config.isolate;
    return [...sorted.filter(alone), ...sorted.filter((file) => !alone(file))];
  }
}
