/** The commands that documents show, run as shown, by one daemon: exit codes, and the output that stands below them. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inShortIf } from '../../packages/daemon/test/support/form.js';
import { DAEMON } from '../../packages/daemon/test/support/programs.js';
import { shownCommands } from '../shown/commands.js';
import { ELSEWHERE, PAGES } from '../shown/pages.js';
import { type DocsReceiver, startDocsReceiver } from '../support/docsReceiver.js';
import { openPlace, type Place } from '../support/place.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SECRET = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
const TOKEN = 'planted-token-of-the-documents';
const ID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/;

let place: Place;
let receiver: DocsReceiver;
let environment: Record<string, string>;

beforeAll(async () => {
  place = await openPlace();
  receiver = await startDocsReceiver(SECRET);
  const daemon = await place.start({
    API_TOKEN: TOKEN,
    TARGET_TABLES: 'public.*,shop.*,sales.*',
    WEBHOOK_URL: receiver.url,
    WEBHOOK_SECRET: SECRET,
  });
  const programs = join(place.folder, 'programs');
  await mkdir(programs);
  await script(
    join(programs, 'csvjobs'),
    `exec "${process.execPath}" "${ROOT}packages/cli/bin/csvjobs.cjs" "$@"`,
  );
  await script(join(programs, 'npx'), 'exec "$@"');
  await script(join(programs, 'csvjobsd'), `exec "${process.execPath}" "${DAEMON}" "$@"`);
  const { host, port, user, database } = place.database.connection;
  environment = {
    ...place.environment,
    PATH: `${programs}:${process.env.PATH}`,
    HOME: place.folder,
    REPOSITORY: ROOT,
    CSVJOBS_URL: daemon.url,
    CSVJOBS_TOKEN: TOKEN,
    DATABASE_URL: `postgres://${user}@/${database}?host=${encodeURIComponent(host)}&port=${port}`,
  };
});
afterAll(async () => {
  receiver?.stop();
  await place.close();
});

async function script(path: string, line: string): Promise<void> {
  await writeFile(path, `#!/bin/sh\n${line}\n`);
  await chmod(path, 0o755);
}

/** Runs a line of shell in a folder. Both outputs come in the order in which they were written. */
function shell(folder: string, line: string): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    const child = execFile(
      'bash',
      ['-c', `exec 2>&1\n${line}`],
      { cwd: folder, env: environment },
      (error, output) => resolve({ code: error ? Number(error.code) : 0, output }),
    );
    child.stdin?.end();
  });
}

/** A line without what differs from run to run: IDs, durations, times. */
const lasting = (line: string) =>
  line
    .replace(new RegExp(ID, 'g'), '<id>')
    .replace(/\b[0-9a-f]{8}\b/g, '<id>')
    .replace(/\bin \d+(\.\d+)? s/, 'in N s')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d\.\d+\+\d\d)?/, '<time>')
    .trimEnd();

/** The shown lines that are not in the output, in this order; `…` at the end of a line stands for the rest of it. */
function missing(shown: readonly string[], output: string): string[] {
  const lines = output.split('\n').map(lasting);
  let at = 0;
  return shown.map(lasting).filter((line) => {
    const found = lines.findIndex(
      (each, index) =>
        index >= at && (line.endsWith('…') ? each.startsWith(line.slice(0, -1)) : each === line),
    );
    if (found >= 0) at = found + 1;
    return found < 0;
  });
}

test('every document that shows commands is here', () => {
  const documents = ['README.md', 'CONTRIBUTING.md', 'ARCHITECTURE.md', 'RELEASE_NOTES.md'].concat(
    readdirSync(join(ROOT, 'docs')).flatMap((name) => (name.endsWith('.md') ? `docs/${name}` : [])),
  );
  const showing = documents.filter(
    (path) => shownCommands(readFileSync(join(ROOT, path), 'utf8')).length > 0,
  );
  expect([...Object.keys(PAGES), ...Object.keys(ELSEWHERE)].sort()).toEqual(showing.sort());
});

/** The pages of the short form: those that a newcomer reads. */
const FIRST_READ = ['README.md', 'docs/getting-started.md', 'docs/cli.md', 'docs/terminal.md'];

for (const [path, page] of Object.entries(PAGES))
  test(path, inShortIf(FIRST_READ.includes(path)), async () => {
    const shown = shownCommands(readFileSync(join(ROOT, path), 'utf8'));
    expect(shown.map(({ command }) => command)).toEqual(page.commands.map(({ command }) => command));

    const folder = join(place.folder, path.replaceAll('/', '-'));
    await mkdir(folder);
    await place.database.plain(
      `drop schema if exists shop, sales cascade; create schema shop; create schema sales;
    drop table if exists orders, prices, numbers; truncate customers; ${page.sql ?? ''}`,
    );
    const failures: unknown[] = [];
    const before = await shell(folder, `set -e\n${page.shell ?? ''}`);
    if (before.code !== 0) failures.push(before);
    const ids = new Map<string, string>();
    for (const [
      at,
      { command, notRun, code = 0, sql = '', shell: given = '', instead, id },
    ] of page.commands.entries()) {
      if (notRun !== undefined) continue;
      if (sql) await place.database.plain(sql);
      const prepared = await shell(folder, given);
      const known = ID.exec(prepared.output)?.[0];
      if (id && known) ids.set(id, known);
      let line = instead ?? command;
      for (const [sample, real] of ids) line = line.replaceAll(sample, real);
      const ran = await shell(folder, line);
      const made = ID.exec(ran.output)?.[0];
      if (id && !known && made) ids.set(id, made);
      const lacks = missing(instead ? shown[at]!.output.slice(1) : shown[at]!.output, ran.output);
      if (ran.code !== code || lacks.length > 0)
        failures.push({ command, prepared, ...ran, expected: code, lacks });
    }
    expect(failures).toEqual([]);
  });
