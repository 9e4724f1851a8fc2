/** The e-mails that a load has seen: a filter in memory, with a log on disk for a run that may have to resume. */
import type { Connection } from '../sql/pool.js';
import type { EmailKey } from './batch/emailKey.js';
import { KeyFilter } from './batch/keyFilter.js';
import { EmailLog } from './emailLog.js';
import { knownEmails } from './knownEmails.js';

export interface MetEmails {
  /** Adds the e-mail of a record. Returns whether it may have been seen before. */
  add(key: EmailKey, rowNumber: number): boolean;
  /** Call this before the records up to this one go to the loader. */
  keep(rowNumber: number): void;
  /** Closes the log. */
  close(): void;
}

export interface MetEmailsOptions {
  logPath: string;
  /** Number of records of the file that earlier runs have loaded or rejected. */
  records: number;
  /** Approximate number of e-mails. */
  expected: number;
  /** Where to read the table's e-mails, if they are needed. */
  table: Connection | undefined;
  /** Runs code that opens files (see opening.ts). */
  whileOpening: <Result>(open: () => Promise<Result>) => Promise<Result>;
  /** Called once if the log cannot be read or written; from then on there is no log. */
  logFailed: (error: Error) => void;
}

/** Reads the e-mails seen before from the log; if it is incomplete, from the table. */
export async function openMetEmails({
  logPath,
  records,
  expected,
  table,
  whileOpening,
  logFailed,
}: MetEmailsOptions): Promise<MetEmails> {
  const filter = new KeyFilter(expected);
  const log = new EmailLog(logPath, logFailed);
  if (!log.recall(records, (key) => filter.add(key)))
    await log.start(async (take) => {
      if (table === undefined) return;
      // Most jobs need no driver in their thread, which takes 0.1 s to load.
      const { customerEmails } = await whileOpening(() => import('../sql/customerEmails.js'));
      await knownEmails(customerEmails(table), (key) => {
        filter.add(key);
        take(key);
      });
    });
  return {
    add(key, rowNumber) {
      log.note(rowNumber, key);
      return filter.add(key);
    },
    keep: (rowNumber) => log.keep(rowNumber),
    close: () => log.close(),
  };
}
