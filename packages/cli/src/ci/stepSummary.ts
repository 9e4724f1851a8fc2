/** The step summary of GitHub Actions: counts of each file, notices, and the worst reasons (GitHub-flavoured Markdown). */
import { noticeLines, showCommand } from '../report/notices.js';
import { goodText } from '../text/counts.js';
import { fullStatus } from '../text/nothingLoaded.js';
import { clean, count, duration } from '../text/text.js';
import { workedFor } from '../ui/lane.js';
import { nameOf, type Outcome, reasonOf } from './outcome.js';

const REASONS_SHOWN = 10;

export function stepSummary(outcomes: readonly Outcome[]): string {
  const lines = [
    '### csvjobs',
    '',
    '| File | Status | Rows | Good | Rejected | Time |',
    '| --- | --- | ---: | ---: | ---: | ---: |',
    ...outcomes.map(fileRow),
  ];
  for (const outcome of outcomes) {
    const { digest, job } = outcome;
    const name = nameOf(outcome);
    const reason = job?.status === 'completed' ? undefined : reasonOf(outcome);
    if (reason !== undefined) lines.push('', `**${escapeMarkdown(name)}**: ${escapeMarkdown(reason)}`);
    const notices = noticeLines(job?.notices ?? [], showCommand(outcome.jobId));
    if (notices.length > 0) lines.push('', `Notices on **${escapeMarkdown(name)}**`, '');
    for (const notice of notices) lines.push(`- ${escapeMarkdown(notice)}`);
    if (!digest || digest.total === 0) continue;
    lines.push(
      '',
      `Rejected rows of **${escapeMarkdown(name)}**`,
      '',
      '| Rows | Reason | First row |',
      '| ---: | --- | ---: |',
    );
    for (const { message, rows, first } of digest.reasons.slice(0, REASONS_SHOWN))
      lines.push(`| ${count(rows)} | ${escapeMarkdown(message)} | ${first[0]?.rowNumber ?? ''} |`);
    const more = digest.reasons.length - REASONS_SHOWN;
    if (more > 0) lines.push('', `and ${more} more reasons`);
  }
  return `${lines.join('\n')}\n\n`;
}

function fileRow(outcome: Outcome): string {
  const { job, exitCode } = outcome;
  const name = nameOf(outcome);
  const sign = exitCode === 0 ? '✅' : exitCode === 3 ? '⚠️' : '❌';
  const took = job ? workedFor(job) : undefined;
  const counts = job
    ? [count(job.processedRows), goodText(job.successCount, job.counts), count(job.failedCount)]
    : ['', '', ''];
  return `| ${escapeMarkdown(name)} | ${sign} ${statusOf(outcome)} | ${counts.join(' | ')} | ${took === undefined ? '' : duration(took)} |`;
}

function statusOf({ job, work }: Outcome): string {
  if (!job) return `not ${work}`;
  return work === 'checked' ? work : fullStatus(job);
}

/** Nothing of a file may become markup, a link or a second cell. */
function escapeMarkdown(text: string): string {
  return clean(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_[\]|~#@!:/]/g, (char) => `&#${char.codePointAt(0)};`);
}
