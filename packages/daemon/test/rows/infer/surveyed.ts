/** Surveys of values that are written as in a file. */
import type { Spec } from '@csvjobs/shared';
import { ColumnSurvey } from '../../../src/rows/infer/columnSurvey.js';
import { valueReading } from '../../../src/rows/infer/valueReading.js';

/** The survey of a column whose values are on the lines from 2 on, between other bytes. */
export function surveyOf(values: readonly string[], spec?: Spec): ColumnSurvey {
  const survey = new ColumnSurvey(valueReading(spec));
  for (const [at, value] of values.entries()) {
    const bytes = Buffer.from(value);
    const within = Buffer.concat([Buffer.from('0:-'), bytes, Buffer.from('-01:00"')]);
    survey.add(within, 3, 3 + bytes.length, at + 2);
  }
  return survey;
}
