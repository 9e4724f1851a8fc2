/** One line a scenario: its outcome, how long it took and what it has measured. */
import type { Reporter, TestCase } from 'vitest/node';
import './support/figures.js';

export default class FaultReporter implements Reporter {
  onTestCaseResult(test: TestCase): void {
    const { state } = test.result();
    const seconds = ((test.diagnostic()?.duration ?? 0) / 1_000).toFixed(1);
    const figures = Object.entries(test.meta().figures ?? {}).map(([name, value]) => `${name}: ${value}`);
    const mark = state === 'passed' ? 'ok  ' : state.toUpperCase();
    process.stdout.write(`${[`${mark} ${test.name} (${seconds} s)`, ...figures].join('; ')}\n`);
  }
}
