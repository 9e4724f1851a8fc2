/** Annotations for GitHub Actions: rejected rows at their lines in the file. */

import { noticeLines, showCommand } from '../report/notices.js';
import { otherTable } from '../text/fileAndTable.js';
import { clean, plural } from '../text/text.js';
import { nameOf, type Outcome, reasonOf } from './outcome.js';

/** GitHub shows ten annotations of a step and silently drops the rest. */
const SHOWN = 10;

interface Annotation {
  /** Lower ones are shown first. */
  rank: number;
  line: string;
}

/**
 * Workflow commands, a line each, ten in all: files that failed, a row for each reason with how many more there are,
 * notices, then more rows of each reason. Rejects that --max-errors allows are warnings.
 * Syntax and escapes: GitHub, "Workflow commands for GitHub Actions" and actions/toolkit, command.ts.
 */
export function githubAnnotations(outcomes: readonly Outcome[]): string[] {
  const all = outcomes.flatMap((outcome) => [...annotationsOf(outcome)]).sort((a, b) => a.rank - b.rank);
  if (all.length <= SHOWN) return all.map(({ line }) => line);
  const shown = all.slice(0, SHOWN - 1);
  // Samples may be dropped silently, because their reasons have the count.
  const [next] = all.slice(SHOWN - 1);
  const left = all.slice(SHOWN - 1).filter(({ rank }) => rank < RANKS.sample).length;
  if (left === 0) return [...shown, next!].map(({ line }) => line);
  const more = `${left === 1 ? '1 more reason or notice' : `${left} more reasons or notices`}: csvjobs errors <id> --summary`;
  return [...shown.map(({ line }) => line), command('warning', {}, more)];
}

const RANKS = { failure: 0, reason: 1, notice: 2, sample: 3 } as const;

function* annotationsOf(outcome: Outcome): Generator<Annotation> {
  const { path, digest, exitCode, job, table } = outcome;
  const name = nameOf(outcome);
  const level = exitCode === 0 ? 'warning' : 'error';
  const file = path === undefined || path === '-' ? undefined : path;
  if (!digest || job?.status !== 'completed') {
    const reason = reasonOf(outcome);
    if (reason !== undefined)
      yield { rank: RANKS.failure, line: command('error', { file }, `${name}: ${reason}`) };
  }
  for (const line of noticeLines(job?.notices ?? [], showCommand(outcome.jobId)))
    yield { rank: RANKS.notice, line: command('warning', { file, title: 'Notice' }, `${name}: ${line}`) };
  // A compressed file has no lines to annotate.
  const plain = job?.source?.compression === 'none';
  const other = otherTable(job?.table ?? table);
  const title = other === undefined ? 'Rejected row' : `Rejected row of ${other}`;
  for (const { rows, first } of digest?.reasons ?? [])
    for (const [index, { rowNumber, line, message }] of first.entries()) {
      const place = plain && file !== undefined ? { file, line } : { file };
      const others = index === 0 && rows > 1 ? ` (and ${plural(rows - 1, 'other row')})` : '';
      const text = `row ${rowNumber}: ${message}${others}`;
      const rank = index === 0 ? RANKS.reason : RANKS.sample + index;
      yield { rank, line: command(level, { ...place, title }, text) };
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
