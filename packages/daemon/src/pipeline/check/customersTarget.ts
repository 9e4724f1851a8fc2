/**
 * Checks a file for `customers` as an ordinary table: with the columns that its owner has added, and the same verdicts.
 */
import type { Rejection, Target, TargetReason } from '@csvjobs/shared';
import { emailKeyOf } from '../customers/words.js';
import type { TargetHeader } from '../header.js';
import type { HeaderRule } from '../headerRule.js';
import type { SurveyedFile } from '../surveyFile.js';
import { countAssumptions } from './assumptions.js';
import type { CheckEnd } from './checkEnd.js';
import { NOT_JUDGED } from './customers.js';
import { notJudged } from './notJudged.js';
import { type RecordsTask, readRecords } from './readRecords.js';
import { RepeatedEmails } from './repeatedEmails.js';
import { checkTargetSink } from './targetSink.js';

/** Like `checkCustomers`. @throws file system errors, and {Failure} `check_too_large` */
export async function* checkCustomersTarget(
  task: RecordsTask,
  target: Target,
  rule: HeaderRule<TargetHeader>,
  file: SurveyedFile<TargetHeader>,
): AsyncGenerator<Rejection[], CheckEnd> {
  const { columns } = file.header.plan;
  const email = columns.findIndex(({ column }) => column === 'email');
  const emailKey = emailKeyOf(target);
  const emails = new RepeatedEmails(file.totalRows);
  const first = checkTargetSink((value) => {
    emails.meet(value(email)!);
    return undefined;
  });
  for await (const _ of readRecords(task, file, rule, first));
  const assumed = countAssumptions();
  const duplicateOf = (text: string, rowNumber: number): TargetReason | undefined => {
    const row = emails.firstRow(text, rowNumber);
    const key = { key: `email=${text}`, constraint: emailKey };
    return row === undefined
      ? undefined
      : { code: 'duplicate_in_file', column: 'email', params: { row, ...key } };
  };
  const second = checkTargetSink(
    (value, rowNumber) => duplicateOf(value(email)!, rowNumber),
    emailKey,
    assumed.add,
  );
  yield* readRecords(task, file, rule, second);
  return {
    notJudged: [...NOT_JUDGED, ...notJudged(withoutOwnRules(target), columns, [])],
    ...assumed.end(),
  };
}

/** Leaves out the rules of csvjobs's own columns: they are judged, or always hold. */
function withoutOwnRules(target: Target): Target {
  const { keys, foreignKeys } = target;
  return {
    ...target,
    keys: keys.filter(({ name, primary }) => !primary && name !== emailKeyOf(target)),
    foreignKeys: foreignKeys.filter(({ columns }) => columns.join() !== 'job_id'),
  };
}
