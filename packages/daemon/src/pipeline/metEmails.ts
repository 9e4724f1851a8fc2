/** Which e-mails a load has met: a filter in memory, with a log on the disk for the run that may have to go on. */
import type { Connection } from '../sql/pool.js';
import type { EmailKey } from './batch/emailKey.js';
import { KeyFilter } from './batch/keyFilter.js';
import { EmailLog } from './emailLog.js';
import { knownEmails } from './knownEmails.js';

export interface MetEmails {
  /** Adds the e-mail of a record. Returns whether it may have been met before. */
  add(key: EmailKey, rowNumber: number): boolean;
  /** To be called before the records up to this one go to the loader. */
  keep(rowNumber: number): void;
}

export interface MetEmailsOptions {
  logPath: string;
  /** How many records of the file earlier runs have loaded or rejected. */
  records: number;
  /** How many e-mails there will be, about. */
  expected: number;
  /** Where the table's e-mails are to be had, if they shall be known. */
  table: Connection | undefined;
  /** Does what opens files (see opening.ts). */
  whileOpening: <Result>(open: () => Promise<Result>) => Promise<Result>;
  /** Called once where the log cannot be read or written: from then on there is none. */
  logFailed: (error: Error) => void;
}

/** The e-mails that were met before, from the log; where it lacks any, from the table. */
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
  };
}
