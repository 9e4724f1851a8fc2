/** Annotations for GitHub Actions: rejected rows at their lines in the file. */

import { FIRST_KEPT } from '../report/digest.js';
import { noticeLines } from '../report/notices.js';
import { clean, count } from '../text/text.js';
import { nameOf, type Outcome, reasonOf } from './outcome.js';

/** So many reasons are annotated row by row; the others are only summed up. */
const REASONS_ANNOTATED = 20;

/**
 * Workflow commands, a line each: the notices, the first rows of each reason, then a summary where there are more.
 * Rejects that --max-errors allows are warnings.
 * Syntax and escapes: GitHub, "Workflow commands for GitHub Actions" and actions/toolkit, command.ts.
 */
export function* githubAnnotations(outcome: Outcome): Generator<string> {
  const { path, digest, exitCode, job } = outcome;
  const name = nameOf(outcome);
  const level = exitCode === 0 ? 'warning' : 'error';
  const file = path === undefined || path === '-' ? undefined : path;
  if (!digest || job?.status !== 'completed') {
    const reason = reasonOf(outcome);
    if (reason !== undefined) yield command('error', { file }, `${name}: ${reason}`);
  }
  for (const line of noticeLines(job?.notices ?? []))
    yield command('warning', { file, title: 'Notice' }, `${name}: ${line}`);
  const reasons = digest?.reasons.slice(0, REASONS_ANNOTATED) ?? [];
  // In a compressed file there are no lines to mark.
  const plain = job?.source?.compression === 'none';
  for (const { message, rows, first } of reasons) {
    for (const { rowNumber, line, message: own } of first) {
      const place = plain && file !== undefined ? { file, line } : { file };
      yield command(level, { ...place, title: 'Rejected row' }, `row ${rowNumber}: ${own}`);
    }
    if (rows > FIRST_KEPT)
      yield command(level, { file }, `${name}: ${count(rows - FIRST_KEPT)} more rows: ${message}`);
  }
}

function command(
  level: string,
  properties: Record<string, string | number | undefined>,
  message: string,
): string {
  const written = Object.entries(properties)
    .filter(([, value]) => value !== undefined)
    .map(
      ([key, value]) => `${key}=${escapeData(String(value)).replaceAll(':', '%3A').replaceAll(',', '%2C')}`,
    );
  return `::${level}${written.length > 0 ? ` ${written.join(',')}` : ''}::${clean(escapeData(message))}`;
}

function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}
