/**
 * Everything that the daemons of a test file logged and answered. It is checked at the end of the file
 * (atTheEnd.ts): a log with a secret or a value of a row fails the file, and so does a response that does not
 * match the description.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Pool } from '../../src/sql/pool.js';
import type { Answer } from './recorder.mjs';
import { leakFinder, rowValues } from './secrets.js';

const logs: (() => readonly string[])[] = [];
const secrets = new Set<string>();
const answers: Answer[] = [];
let folder: string | undefined;
let daemons = 0;

/** A log to check at the end; `lines` returns all of it. */
export function watchLog(lines: () => readonly string[]): void {
  logs.push(lines);
}

/** Texts that no log may contain. */
export function keepSecret(...texts: readonly (string | undefined)[]): void {
  for (const text of texts) if (text) secrets.add(text);
}

/** Nor any value that is in the rows of a database now. */
export async function keepRowsSecret(pool: Pick<Pool, 'query'>): Promise<void> {
  keepSecret(...(await rowValues(pool)));
}

/** A response to check at the end. */
export function watchAnswer(answer: Answer): void {
  answers.push(answer);
}

/** Environment variables that make a daemon record its responses for this file, added to the given ones. */
export function recording({
  NODE_OPTIONS = '',
}: Record<string, string | undefined> = {}): Record<string, string> {
  folder ??= mkdtempSync(join(tmpdir(), 'csvjobs-answers-'));
  return {
    NODE_OPTIONS: `${NODE_OPTIONS} --import=${fileURLToPath(new URL('recorder.mjs', import.meta.url))}`,
    CSVJOBS_RECORD: join(folder, String(daemons++)),
  };
}

/** All violations, one per line. The next file of this process starts empty. */
export async function findings(): Promise<string[]> {
  try {
    return await found();
  } finally {
    logs.length = 0;
    secrets.clear();
    answers.length = 0;
    folder = undefined;
    daemons = 0;
  }
}

async function found(): Promise<string[]> {
  for (let n = 0; folder && n < daemons; n++) {
    const file = join(folder, String(n));
    if (!existsSync(file)) continue;
    // A killed daemon may have left half a line.
    for (const line of readFileSync(file, 'utf8').split('\n').slice(0, -1)) answers.push(JSON.parse(line));
  }
  if (folder) rmSync(folder, { recursive: true, force: true });
  const leakIn = leakFinder(secrets);
  const leaks = logs.flatMap((lines) =>
    lines().flatMap((line) => {
      const leak = leakIn(line);
      return leak ? [`a log has ${leak}, in ${line}`] : [];
    }),
  );
  return [...(await violations()), ...leaks];
}

/** Only files with responses pay for the description. */
async function violations(): Promise<string[]> {
  if (answers.length === 0) return [];
  const { violation } = await import('./conformance.js');
  return answers.map(violation).filter((each) => each !== undefined);
}
