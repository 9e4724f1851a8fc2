/** The peer's answers. */
import type { ServerResponse } from 'node:http';
import {
  type Job,
  PROBLEM_MEDIA_TYPE,
  type ProblemCode,
  problem,
  REPORT_COLUMNS,
  type Rejection,
  type RejectionPreview,
} from '@csvjobs/shared';

/** Answers that match the daemon's, even from a fault of a test: they are checked against the API description. */
export const asTheDaemon = new WeakSet<ServerResponse>();

/** Answers with a problem, as the daemon does. */
export function refuse(
  response: ServerResponse,
  code: ProblemCode,
  detail: string,
  headers: Record<string, string> = {},
  options?: string[],
): void {
  asTheDaemon.add(response);
  const body = problem(code, detail, options && { options });
  response.writeHead(body.status, { 'content-type': PROBLEM_MEDIA_TYPE, ...headers });
  response.end(JSON.stringify(body));
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** All rejects of a job by default: the rows that it shows, and others like them. */
function allRejects({ errors, failedCount }: Job): RejectionPreview[] {
  const last = errors.at(-1)?.rowNumber ?? 0;
  const row = { name: 'Name', email: 'nobody', phone: '', company: 'ACME' };
  const others = Array.from({ length: Math.max(0, failedCount - errors.length) }, (_, index) => ({
    rowNumber: last + index + 1,
    message: 'email is not a valid address',
    row,
  }));
  return [...errors, ...others];
}

/** The content of errors.json and errors.ndjson. */
export function defaultRejections(job: Job): Rejection[] {
  return allRejects(job).map((preview) => ({
    ...preview,
    line: preview.rowNumber + 1,
    column: 'email',
    code: 'email_invalid',
  }));
}

/** errors.csv, likewise. */
export function defaultReport(job: Job): string {
  const lines = allRejects(job).map(
    ({ rowNumber, message, row }) =>
      `${rowNumber},${row.name ?? ''},${row.email ?? ''},${row.phone ?? ''},${row.company ?? ''},${message}\n`,
  );
  return `${REPORT_COLUMNS.join(',')}\n${lines.join('')}`;
}

/** errors.original: the rejected records under the header of the file, with their lines and errors. */
export function originalsOf(job: Job): string {
  const lines = allRejects(job).map(
    ({ rowNumber, message, row }) => `${row.name ?? ''},${row.email ?? ''},${rowNumber + 1},"${message}"\n`,
  );
  return `name,email,_line,_error\n${lines.join('')}`;
}

/** errors.json and errors.ndjson, formatted like the daemon's: one reject per line. */
export function rejectionsText(rejections: readonly Rejection[], format: 'json' | 'ndjson'): string {
  const lines = rejections.map((each) => JSON.stringify(each));
  if (format === 'ndjson') return lines.map((line) => `${line}\n`).join('');
  return `[${lines.map((line, at) => `${at === 0 ? '\n' : ',\n'}${line}`).join('')}\n]\n`;
}
