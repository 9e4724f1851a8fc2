/** One line per scenario: its outcome, duration and measurements, and why it failed; then the totals. */
import type { Reporter, TestCase, TestModule } from 'vitest/node';
import './support/figures.js';

export default class FaultReporter implements Reporter {
  private readonly started = performance.now();
  private readonly outcomes = { passed: 0, failed: 0, skipped: 0, pending: 0 };

  onTestCaseResult(test: TestCase): void {
    const { state, errors } = test.result();
    this.outcomes[state]++;
    const took = ((test.diagnostic()?.duration ?? 0) / 1_000).toFixed(1);
    const figures = Object.entries(test.meta().figures ?? {}).map(([name, value]) => `${name}: ${value}`);
    const mark = state === 'passed' ? 'ok  ' : state.toUpperCase();
    say([`${mark} ${test.fullName} (${took} s)`, ...figures].join('; '));
    for (const error of errors ?? []) say(indented(error.stack ?? error.message));
  }

  /** Errors outside of tests: a file that could not run, an unhandled rejection. */
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly { message: string; stack?: string }[],
  ): void {
    const besides = [...modules.flatMap((module) => module.errors()), ...unhandled];
    for (const error of besides)
      say(`FAILED outside of a scenario\n${indented(error.stack ?? error.message)}`);
    const { passed, failed, skipped } = this.outcomes;
    const minutes = ((performance.now() - this.started) / 60_000).toFixed(1);
    say(`${passed} passed, ${failed + besides.length} failed, ${skipped} skipped (${minutes} minutes)`);
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function indented(text: string): string {
  return text.replaceAll(/^/gm, '     ');
}
