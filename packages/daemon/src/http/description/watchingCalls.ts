/** What else can be read of jobs: progress as events, and reports. */
import {
  BOARD_JOBS,
  boardEventSchema,
  jobReadingSchema,
  LOADED_ROWS_HEADER,
  ORIGINAL,
  paths,
  progressSchema,
  type ReportFormat,
  ROW_MARKS,
  type RowFormat,
  rejectionSchema,
} from '@csvjobs/shared';
import { z } from 'zod';
import { type Answer, type Call, jobParams, json, tagged, text, unchanged } from './call.js';

const Rejected = rejectionSchema.meta({ id: 'Rejection', description: 'A rejected record, and why.' });
const BoardEvent = boardEventSchema.meta({
  id: 'BoardEvent',
  description: 'An event of the stream of all jobs.',
});
const JobReading = jobReadingSchema.meta({
  id: 'JobReading',
  description: 'The data of an event named reading: how far the file of a pending job is read.',
});
/** Reading has an event of its own in this stream (JobReading). */
const Progress = progressSchema
  .omit({ reading: true })
  .meta({ id: 'Progress', description: 'The data of an event of the stream.' });

const SAFE = {
  safe: z
    .literal('spreadsheet')
    .optional()
    .describe(
      'for spreadsheets: adds a byte order mark, and turns cells that would run as formulas into text',
    ),
};

/** downloadErrorsCsv, downloadRowsNdjson: a call for each form. */
function operationOf(what: string, format: string): string {
  return what + format.charAt(0).toUpperCase() + format.slice(1);
}

/** The formats of a report differ only in their content. */
function report(
  format: ReportFormat | typeof ORIGINAL,
  summary: string,
  content: NonNullable<Answer['content']>,
  query: z.ZodRawShape = {},
  problems: Call['problems'] = [],
): Call {
  return {
    operationId: operationOf('downloadErrors', format),
    method: 'get',
    path: paths.report(':id', format),
    summary,
    scope: 'read',
    request: {
      params: jobParams,
      query: z.object({
        ...query,
        after: z
          .int()
          .nonnegative()
          .optional()
          .describe('only rows after this one, CSV without its header: resumes an interrupted download'),
      }),
    },
    answers: {
      200: {
        description:
          'The report; compressed where Accept-Encoding has gzip. A report that cannot be sent whole (its job or its token is gone meanwhile) ends with a broken connection, never with a regular end.',
        content,
        headers: tagged.extend({ 'Content-Disposition': z.string().describe('a name for it (RFC 6266)') }),
      },
      304: unchanged,
    },
    problems: ['job_not_found', 'too_many_reports', ...problems],
  };
}

function rows(format: RowFormat, summary: string, content: NonNullable<Answer['content']>): Call {
  return {
    operationId: operationOf('downloadRows', format),
    method: 'get',
    path: paths.rows(':id', format),
    summary,
    scope: 'read',
    request: {
      params: jobParams,
      query: z.object({
        marked: z
          .enum(['true', 'false'])
          .optional()
          .describe(
            `true: in front of its columns each row has ${ROW_MARKS.join(' (the job) and ')} (loaded: as the job has left it; changed: changed since); and rows come that the job has updated and others have changed since`,
          ),
      }),
    },
    answers: {
      200: {
        description:
          'The rows, in no order, with all columns of the table; of customers also those that were changed since. What cannot be sent whole ends with a broken connection.',
        content,
        headers: z.object({
          'Content-Disposition': z.string().describe('a name for it (RFC 6266)'),
          [LOADED_ROWS_HEADER]: z
            .string()
            .optional()
            .describe('how many rows the job has inserted or updated, each counted once'),
        }),
      },
    },
    problems: [
      'job_not_found',
      'nothing_to_undo',
      'undo_not_kept',
      'undo_impossible',
      'undo_refused',
      'too_many_reports',
    ],
  };
}

export const WATCHING_CALLS: readonly Call[] = [
  {
    operationId: 'watchJob',
    method: 'get',
    path: paths.stream(':id'),
    summary: 'Watch the progress of a job as server-sent events, until it has ended',
    scope: 'read',
    request: {
      params: jobParams,
      headers: z.object({
        'Last-Event-ID': z
          .string()
          .optional()
          .describe('the id of the last event that arrived; an EventSource sends it when it reconnects'),
      }),
    },
    answers: {
      200: {
        description:
          'Events; the data of each is a Progress. Before the first row of a large file is loaded, events named reading come between them, without an id; the data of each is a JobReading. The stream ends when the token is revoked.',
        content: { 'text/event-stream': { schema: z.union([Progress, JobReading]) } },
      },
      204: {
        description:
          'The job has ended, and Last-Event-ID is the id of its final event: nothing follows. An EventSource stops here. After a retry of the job the answer is a stream again.',
      },
    },
    problems: ['job_not_found', 'too_many_streams'],
  },
  {
    operationId: 'watchJobs',
    method: 'get',
    path: paths.allStreams,
    summary: `Watch the ${BOARD_JOBS} newest jobs as server-sent events`,
    scope: 'read',
    answers: {
      200: {
        description: 'Events; the data of each is a BoardEvent, whose type is also the name of the event.',
        content: { 'text/event-stream': { schema: BoardEvent } },
      },
    },
    problems: ['too_many_streams'],
  },
  report('csv', 'Download the rejected records as CSV', text('text/csv'), SAFE),
  report(
    ORIGINAL,
    'Download the rejected records as they are in the file, with its header and delimiter, and two more columns, _line and _error; fix them and upload them with ?fixes=',
    text('text/plain'),
    SAFE,
    ['nothing_to_fix', 'originals_not_kept'],
  ),
  report('json', 'Download the rejected records with all details, as one array', json(z.array(Rejected))),
  report(
    'ndjson',
    'Download the rejected records with all details, one document per line (each a Rejection)',
    text('application/x-ndjson'),
  ),
  rows('csv', 'Download the rows that a job has loaded, as they are now, as CSV', text('text/csv')),
  rows(
    'ndjson',
    'Download the rows that a job has loaded, as they are now, one JSON document per line',
    text('application/x-ndjson'),
  ),
];
