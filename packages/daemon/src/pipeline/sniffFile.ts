/**
 * Describes a local file without a database or a table: passes the gate for uploads, surveys the file as a job does,
 * then reads each value once.
 */
import type { SniffAnswer } from '@csvjobs/shared';
import { asFailure } from '../failure.js';
import { admit } from '../intake/gate.js';
import { localFile } from '../intake/offeredFile.js';
import { verdictOn } from '../rows/infer/verdict.js';
import { anyHeader } from './anyHeader.js';
import type { CheckTask } from './checkFile.js';
import { leftOutNotices, type ReadValues, surveyColumns } from './proposeTable.js';
import { surveyBy } from './surveyFile.js';

/** Number of records to show, and maximum length of a value in characters. */
const SHOWN_ROWS = 10;
const SHOWN_CHARACTERS = 200;

/**
 * Reads a file twice. The memory that it uses depends only on the number of columns.
 * @throws errors of the file system
 */
export async function sniffFile(task: CheckTask & ReadValues): Promise<SniffAnswer> {
  const { path, overrides, limits, maxUploadBytes } = task;
  try {
    await admit(await localFile(path, overrides), { ...limits, maxUploadBytes }, anyHeader);
    const file = await surveyBy(anyHeader, { ...task, input: { kind: 'file', path } });
    const { source, header, totalRows, footerRows, evidence, otherNotices } = file;
    const firstRows: string[][] = [];
    let quoted = false;
    const { surveys, leftOut } = await surveyColumns(task, file, (fields, record) => {
      quoted ||= record.quoted;
      if (firstRows.length >= SHOWN_ROWS) return;
      firstRows.push(Array.from({ length: fields.count }, (_, at) => cut(fields.text(at))));
    });
    const columns = surveys.map((survey, at) => ({
      header: cut(header.names[at] ?? ''),
      type: verdictOn(survey).type,
    }));
    return {
      type: 'sniffed',
      source,
      evidence,
      quoted,
      totalRows,
      footerRows,
      columns,
      firstRows,
      notices: [...otherNotices, ...leftOutNotices(leftOut)],
    };
  } catch (error) {
    const failure = asFailure(error);
    if (failure.retryable || failure.code === 'unexpected') throw error;
    return { type: 'refused', code: failure.code, message: failure.message };
  }
}

function cut(text: string): string {
  const characters = [...text];
  return characters.length <= SHOWN_CHARACTERS ? text : `${characters.slice(0, SHOWN_CHARACTERS).join('')}…`;
}
