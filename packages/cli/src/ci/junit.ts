/** A JUnit report (the Jenkins and GitLab dialect): a suite for each file, a case for the job and each reason. */
import { noticeLines, showCommand } from '../report/notices.js';
import { countsText } from '../text/counts.js';
import { namedValues } from '../text/namedValues.js';
import { nothingLoaded } from '../text/nothingLoaded.js';
import { clean, plural } from '../text/text.js';
import { workedFor } from '../ui/lane.js';
import { nameOf, type Outcome, reasonOf } from './outcome.js';

interface Case {
  name: string;
  failure?: { message: string; details: string };
}

export function junit(outcomes: readonly Outcome[]): string {
  const suites = outcomes.map((outcome) => ({ outcome, cases: casesOf(outcome) }));
  const all = suites.flatMap(({ cases }) => cases);
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites name="csvjobs" ${totals(all)}>`];
  for (const { outcome, cases } of suites) {
    const seconds = ((outcome.job && workedFor(outcome.job)) ?? 0) / 1000;
    lines.push(
      `  <testsuite name="${escapeXml(nameOf(outcome))}" ${totals(cases)} time="${seconds.toFixed(3)}">`,
    );
    for (const { name, failure } of cases) {
      const head = `    <testcase classname="${escapeXml(nameOf(outcome))}" name="${escapeXml(name)}"`;
      if (!failure) lines.push(`${head}/>`);
      else
        lines.push(
          `${head}>`,
          `      <failure message="${escapeXml(failure.message)}">${escapeXml(failure.details)}</failure>`,
          '    </testcase>',
        );
    }
    const printed = printedOf(outcome);
    // After the cases, where the dialect puts the output of a suite.
    if (printed.length > 0) lines.push(`    <system-out>${escapeXml(printed.join('\n'))}</system-out>`);
    lines.push('  </testsuite>');
  }
  return `${[...lines, '</testsuites>'].join('\n')}\n`;
}

/** What happened to the rows, if they are not simply good or rejected, and notices. */
function printedOf({ job, jobId }: Outcome): string[] {
  if (!job) return [];
  const counts = job.counts ? [countsText(job.successCount, job.failedCount, job.counts)] : [];
  return [...counts, ...noticeLines(job.notices, showCommand(jobId)).map((line) => `notice: ${line}`)];
}

/** Rejects that --max-errors allows are not failures: the report must not contradict the exit code. */
function casesOf(outcome: Outcome): Case[] {
  const { job, digest, exitCode } = outcome;
  const done = job?.status === 'completed';
  const reason = reasonOf(outcome) ?? '';
  const name = job?.mode?.dryRun ? (nothingLoaded(job) ?? outcome.work) : outcome.work;
  const first: Case = done ? { name } : { name, failure: { message: reason, details: reason } };
  if (!digest) {
    const rejected =
      done && exitCode !== 0 ? [{ name: 'rows', failure: { message: reason, details: reason } }] : [];
    return [first, ...rejected];
  }
  const cases = digest.reasons.map(({ message, rows, first: some }): Case => {
    if (exitCode === 0) return { name: message };
    const details = some.map(({ rowNumber, row }) => `row ${rowNumber}: ${namedValues(row)}`);
    return {
      name: message,
      failure: { message: `${plural(rows, 'row')}: ${message}`, details: details.join('\n') },
    };
  });
  return [first, ...cases];
}

function totals(cases: readonly Case[]): string {
  return `tests="${cases.length}" failures="${cases.filter(({ failure }) => failure).length}" errors="0"`;
}

/** XML 1.0 has no way to write most control characters; `clean` leaves none, and keeps out lone surrogates. */
function escapeXml(text: string): string {
  return text
    .split('\n')
    .map(clean)
    .join('\n')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replace(/[\ufffe\uffff]/g, '\ufffd');
}
