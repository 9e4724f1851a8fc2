/** The figures of a scenario; the reporter prints them on its line. */
import { type TestContext, TestRunner } from 'vitest';

export type Figures = Record<string, number | string>;

declare module 'vitest' {
  interface TaskMeta {
    figures?: Figures;
  }
}

/** Records measurements of a scenario: `kills survived`, `rows checked` and so on. */
export function tell({ task }: Pick<TestContext, 'task'>, figures: Figures): void {
  task.meta.figures = { ...task.meta.figures, ...figures };
}

/** Adds to a figure of the running scenario. */
export function count(name: string, more: number): void {
  const task = TestRunner.getCurrentTest();
  if (task) tell({ task }, { [name]: Number(task.meta.figures?.[name] ?? 0) + more });
}

/** Whether the full suite runs (npm run test:faults), or its shorter form (npm test). */
export const FULL = process.env.FAULTS === 'full';

/** A time in milliseconds as a figure. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
