/** What the peer answers. */
import type { ServerResponse } from 'node:http';
import { type Job, PROBLEM_MEDIA_TYPE, type ProblemCode, problem, type Rejection } from '@csvjobs/shared';

/** Answers with a problem, as the daemon does. */
export function refuse(
  response: ServerResponse,
  code: ProblemCode,
  detail: string,
  headers: Record<string, string> = {},
): void {
  const body = problem(code, detail);
  response.writeHead(body.status, { 'content-type': PROBLEM_MEDIA_TYPE, ...headers });
  response.end(JSON.stringify(body));
}

/** Answers with JSON. */
export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** What errors.json and errors.ndjson have, when a test says nothing else. */
export function defaultRejections(job: Job): Rejection[] {
  return job.errors.map((preview) => ({
    ...preview,
    line: preview.rowNumber + 1,
    column: 'email',
    code: 'email_invalid',
  }));
}

/** errors.csv, likewise. */
export function defaultReport(job: Job): string {
  const lines = job.errors.map(
    ({ rowNumber, message, row }) =>
      `${rowNumber},${row.name},${row.email},${row.phone},${row.company},${message}\r\n`,
  );
  return `rowNumber,name,email,phone,company,error\r\n${lines.join('')}`;
}
