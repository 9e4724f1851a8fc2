/** Checks a file for `customers`: reads the records twice (see RepeatedTexts). */
import type { Rejection } from '@csvjobs/shared';
import { judgeCustomers } from '../customerSink.js';
import type { CustomerHeader } from '../header.js';
import type { HeaderRule } from '../headerRule.js';
import type { SurveyedFile } from '../surveyFile.js';
import { countAssumptions } from './assumptions.js';
import type { CheckEnd } from './checkEnd.js';
import { type RecordsTask, readRecords } from './readRecords.js';
import { RepeatedEmails } from './repeatedEmails.js';
import { checkSink } from './sink.js';

/** What only the database can judge about any file for customers. */
export const NOT_JUDGED: readonly string[] = ['e-mails that are in the table already'];

/**
 * Yields the rejected records in file order. Returns what only the database can judge, and what was assumed.
 * @throws file system errors, and {Failure} `check_too_large`
 */
export async function* checkCustomers(
  task: RecordsTask,
  file: SurveyedFile<CustomerHeader>,
  rule: HeaderRule<CustomerHeader>,
): AsyncGenerator<Rejection[], CheckEnd> {
  const emails = new RepeatedEmails(file.totalRows);
  const first = checkSink((email) => {
    emails.meet(email);
    return undefined;
  });
  for await (const _ of readRecords(task, file, rule, judgeCustomers(first)));
  const assumed = countAssumptions();
  const second = checkSink((email, rowNumber) => emails.firstRow(email, rowNumber), assumed.add);
  yield* readRecords(task, file, rule, judgeCustomers(second));
  return { notJudged: [...NOT_JUDGED], ...assumed.end() };
}
