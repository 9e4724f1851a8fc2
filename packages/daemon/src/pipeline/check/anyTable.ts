/**
 * Checks a file for any table other than customers: reads the records once, or twice if they may repeat a key (see
 * RepeatedTexts).
 */
import type { Rejection, Target } from '@csvjobs/shared';
import type { TargetHeader } from '../header.js';
import type { HeaderRule } from '../headerRule.js';
import { fileKeys } from '../keys/fileKeys.js';
import type { SurveyedFile } from '../surveyFile.js';
import { countAssumptions } from './assumptions.js';
import type { CheckEnd } from './checkEnd.js';
import { notJudged } from './notJudged.js';
import { type RecordsTask, readRecords } from './readRecords.js';
import { RepeatedKeys } from './repeatedKeys.js';
import { checkTargetSink } from './targetSink.js';

/**
 * Yields the rejected records in file order. Returns what only the database can judge, and what was assumed.
 * @throws file system errors
 */
export async function* checkAnyTable(
  task: RecordsTask,
  target: Target,
  rule: HeaderRule<TargetHeader>,
  file: SurveyedFile<TargetHeader>,
  mostKeys: number | undefined,
): AsyncGenerator<Rejection[], CheckEnd> {
  const { plan } = file.header;
  const { columns } = plan;
  const { compared, left: others } = fileKeys(target, plan);
  const keys = new RepeatedKeys(compared, file.totalRows, mostKeys);
  if (compared.length > 0) {
    const first = checkTargetSink((value) => {
      keys.meet(value);
      return undefined;
    });
    for await (const _ of readRecords(task, file, rule, first));
  }
  const assumed = countAssumptions();
  const second = checkTargetSink(
    (value, rowNumber) => keys.reasonFor(value, rowNumber),
    undefined,
    assumed.add,
  );
  yield* readRecords(task, file, rule, second);
  const left = keys.tooMany ? target.keys : others;
  return { notJudged: notJudged(target, columns, left, plan.conflict), ...assumed.end() };
}
