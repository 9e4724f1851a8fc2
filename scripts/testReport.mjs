// What a run of vitest came to, from its JSON report: how many tests passed and failed, and why others were skipped.
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

/** Whose long form it is, by folder; that of all others is test:long. */
const SCRIPTS = [
  ['e2e/faults/', 'test:faults'],
  ['e2e/managed/', 'test:managed'],
];

/** More files than are named. */
const MANY = 12;

/** The report of vitest's JSON reporter, as counts; a file that could not be run at all is one failure. */
export function countTests({ testResults }) {
  const cases = testResults.flatMap((file) => file.assertionResults);
  const broken = testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.every((one) => one.status !== 'failed'),
  );
  return {
    passed: cases.filter((one) => one.status === 'passed').length,
    failed: cases.filter((one) => one.status === 'failed').length + broken.length,
  };
}

/**
 * What failed, a few lines each: the file, the test and the beginning of what it said. A log of CI may show its last lines only, and
 * vitest writes its own list before the next run begins.
 */
export function failedTests({ testResults }, root) {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const file = relative(root, name);
    const failed = assertionResults.filter((one) => one.status === 'failed');
    if (failed.length === 0)
      return status === 'failed' ? [`failed: ${file}\n${shortened(message ?? '')}`] : [];
    return failed.map(
      (one) => `failed: ${file} > ${one.fullName}\n${shortened(one.failureMessages?.join('\n') ?? '')}`,
    );
  });
}

/** The first 12 lines, 300 characters each, without colours. */
function shortened(message) {
  return stripVTControlCharacters(message)
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('node_modules'))
    .slice(0, 12)
    .map((line) => `  ${line.slice(0, 300)}`)
    .join('\n');
}

/**
 * The tests that were skipped, by why: a line for each reason, with how many and in which files, or in how many. A test says what it lacks
 * (`meta.needs`) or that it is `long`, which belongs to a script of its own.
 */
export function skippedTests({ testResults }, root) {
  const reasons = new Map();
  for (const { name, assertionResults } of testResults) {
    const file = relative(root, name);
    for (const test of assertionResults) {
      if (test.status === 'passed' || test.status === 'failed') continue;
      const reason = why(test, file);
      const files = reasons.get(reason) ?? new Map();
      reasons.set(reason, files.set(file, (files.get(file) ?? 0) + 1));
    }
  }
  return [...reasons].map(([reason, files]) => {
    const count = [...files.values()].reduce((sum, one) => sum + one, 0);
    // Of many files the names say nothing; a reader looks for what is missing here.
    const where = files.size > MANY ? `${files.size} files` : [...files.keys()].join(', ');
    return `${count} skipped: ${reason} (${where})`;
  });
}

function why({ meta, tags }, file) {
  if (tags.includes('long')) {
    const script = SCRIPTS.find(([folder]) => file.startsWith(folder))?.[1] ?? 'test:long';
    return `in the long form only, npm run ${script}`;
  }
  return meta.needs === undefined ? 'no reason given' : `needs ${meta.needs}`;
}
