/**
 * The daemon's notices about a file (a header `fone` loses all phones) reach everyone who sees a result, in every view, with
 * the real program: once, in full where it matters, and harmless.
 *
 * @module-tag sized
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inShortIf, LONG, sized } from '../../daemon/test/support/form.js';
import { shownNotices } from '../src/report/notices.js';
import { refuse } from './peer/answers.js';
import { Peer } from './peer.js';
import { screenOf } from './screen.js';
import { controls, csvFile, csvjobs, folder, plainText, start, startOnTerminal } from './spawn.js';

const FONE = 'ignored columns: fone (did you mean phone?)';
const HOSTILE = 'ignored columns: \u001b[2J\u061c\u202e]0;x\u0007 <b>&amp;|::error::';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
  peer.plan = () => ({ bad: 3, notices: [FONE, HOSTILE, FONE] });
});
afterEach(() => peer.close());
const env = (more: Record<string, string> = {}) => ({ CSVJOBS_URL: peer.url, ...more });

/** A finished job with the notices. */
const ended = () => peer.addJob({ failedCount: 1, successCount: 99, notices: [FONE, HOSTILE, FONE] }).id;

/** As people read it: on one line, without line breaks. */
const flat = (text: string) => plainText(text).replace(/\s+/g, ' ');
const times = (text: string, part: string) => text.split(part).length - 1;

describe('users see each notice once', () => {
  for (const [name, args] of [
    ['upload --watch', () => ['upload', csvFile(), '--watch']],
    ['upload --watch --progress none', () => ['upload', csvFile(), '--watch', '--progress', 'none']],
    ['upload, with a file that is read at once', () => ['upload', csvFile()]],
    ['upload --progress none', () => ['upload', csvFile(), '--progress', 'none']],
    ['watch', () => ['watch', ended()]],
    ['watch --progress none', () => ['watch', ended(), '--progress', 'none']],
    ['show', () => ['show', ended()]],
  ] as const)
    test(name, inShortIf(['upload --watch', 'watch --progress none', 'show'].includes(name)), async () => {
      const { stdout, stderr } = await csvjobs(args(), { env: env() });
      const seen = flat(stdout + stderr);
      expect(times(seen, FONE)).toBe(1);
      expect(times(seen, '␛[2J\ufffd\ufffd]0;x␇')).toBe(1);
      expect(controls(stdout + stderr)).toEqual([]);
    });

  test.each(sized([40], [40, 80, 120]))(
    'the live view at %i columns, with no line too long',
    async (columns) => {
      const { stdout } = await startOnTerminal(['upload', csvFile(), '--watch'], { env: env(), columns })
        .ended;
      const last = plainText(stdout).slice(plainText(stdout).lastIndexOf('customers.csv'));
      expect(times(flat(last), FONE)).toBe(1);
      expect(last).toContain('completed in');
      // Except for the command, which is not broken.
      const lines = last.split('\n').filter((line) => !line.includes('report: csvjobs'));
      expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(columns);
    },
  );

  for (const columns of [40, 120])
    test(
      `show on a terminal of ${columns} columns: wrapped between words, not cut`,
      inShortIf(columns === 40),
      async () => {
        const { stdout } = await startOnTerminal(['show', ended()], { env: env(), columns }).ended;
        expect(flat(stdout)).toContain(FONE);
        const notices = plainText(stdout).split('Notices')[1]!.split('First')[0]!.split('\n');
        expect(Math.max(...notices.map((line) => line.length))).toBeLessThanOrEqual(columns);
      },
    );

  test('the live view of several files: a shared notice once, with its files', async () => {
    peer.plan = (name) => ({ notices: name === 'c.csv' ? ['read as windows-1252'] : [FONE] });
    const files = ['a.csv', 'b.csv', 'c.csv'].map((name) => csvFile(name));
    const { stdout } = await startOnTerminal(['upload', ...files, '--again', '--watch'], {
      env: env(),
      columns: 80,
    }).ended;
    // The summary is the last line; what is above it begins with the lines of the files.
    const last = flat(
      plainText(stdout).slice(
        plainText(stdout).lastIndexOf('✓ ', plainText(stdout).lastIndexOf('3 files: ')),
      ),
    );
    expect(times(last, `! a.csv and 1 other: ${FONE}`)).toBe(1);
    expect(times(last, '! c.csv: read as windows-1252')).toBe(1);
  });

  test('while the job runs, as soon as the file has been read, in time to cancel', async () => {
    peer.plan = () => ({ holdAt: 2, notices: [FONE] });
    const running = startOnTerminal(['upload', csvFile(), '--watch'], { env: env(), columns: 80 });
    const screen = screenOf(running, 80);
    await screen.until(({ text }) => flat(text()).includes(FONE) && text().includes('c cancel'));
    peer.release([...peer.jobs.keys()][0] ?? '');
    await running.ended;
  });

  test('plain lines too, while the job runs, and not again at its end', async () => {
    peer.plan = () => ({ holdAt: 2, notices: [FONE] });
    const running = start(['upload', csvFile(), '--watch'], { env: env() });
    await running.until((printed) => printed.includes(`customers.csv: notice: ${FONE}\n`));
    expect(running.stderr()).not.toContain('completed');
    peer.release([...peer.jobs.keys()][0] ?? '');
    const { stderr } = await running.ended;
    expect(stderr).toContain('completed');
    expect(times(stderr, 'notice: ')).toBe(1);
  });
});

test('--quiet prints only IDs', async () => {
  for (const args of [
    ['upload', csvFile(), '--watch', '--quiet'],
    ['upload', csvFile(), '--quiet'],
  ])
    expect((await csvjobs(args, { env: env() })).stderr).toBe('');
});

describe('programs get them unchanged', () => {
  const notices = [FONE, HOSTILE, FONE];

  for (const [name, args] of [
    ['upload --watch --json', () => ['upload', csvFile(), '--watch', '--json']],
    ['watch --json', () => ['watch', ended(), '--json']],
  ] as const)
    test(`${name}: in the last line`, inShortIf(name.startsWith('upload')), async () => {
      const { stdout } = await csvjobs(args(), { env: env() });
      expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ type: 'done', job: { notices } });
    });

  test('--progress json', async () => {
    const { stderr } = await csvjobs(['watch', ended(), '--progress', 'json'], { env: env() });
    expect(JSON.parse(stderr.trim().split('\n').at(-1)!)).toMatchObject({ type: 'done', job: { notices } });
  });

  test('upload --json: null for a queued file, and for a refused one', LONG, async () => {
    const { stdout } = await csvjobs(['upload', csvFile(), '--json'], { env: env() });
    expect(JSON.parse(stdout).uploads[0]).toMatchObject({ notices, error: null });
    peer.startsUploads = false;
    const waiting = await csvjobs(['upload', csvFile(), '--json'], { env: env() });
    expect(waiting.code).toBe(0);
    expect(JSON.parse(waiting.stdout).uploads[0]).toMatchObject({ notices: null, error: null });
    const refused = await csvjobs(['upload', '-', '--json'], { env: env(), input: 'a,b\n1,2\n' });
    expect(JSON.parse(refused.stdout).uploads[0]).toMatchObject({ notices: null, jobId: null });
  });
});

test('the connection breaks before the end: the notices come with the job from a GET', async () => {
  let looks = 0;
  peer.fault = (request, response) => {
    const { url = '' } = request;
    // No stream at all, and the first GETs fail.
    if (url.endsWith('/stream')) response.destroy();
    else if (/^\/api\/jobs\/[\da-f-]+$/.test(url) && looks < 2) {
      looks += 1;
      refuse(response, 'unavailable', 'Not now.');
    } else return false;
    return true;
  };
  const { stderr, code } = await csvjobs(['upload', csvFile(), '--watch'], { env: env() });
  expect(code).toBe(3);
  expect(times(stderr, `notice: ${FONE}\n`)).toBe(1);
});

test('a failed GET of the job does not fail the upload', async () => {
  peer.fault = (request, response) => {
    if (request.method !== 'GET') return false;
    refuse(response, 'unavailable', 'Not now.');
    return true;
  };
  const { stderr, code, stdout } = await csvjobs(['upload', csvFile()], { env: env() });
  expect({ code, id: stdout.trim() }).toEqual({ code: 0, id: [...peer.jobs.keys()][0] });
  expect(stderr).not.toContain('error');
});

test('CI: an annotation, a list in the step summary, system-out in JUnit', async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'in.csv'), 'name,email,fone,company\nA,a@b.co,1,C\n');
  const [summary, junit] = [join(cwd, 'summary.md'), join(cwd, 'junit.xml')];
  const { stderr } = await csvjobs(
    ['upload', 'in.csv', '--watch', '--annotate', 'github', '--junit', junit, '--progress', 'none'],
    { env: env({ GITHUB_STEP_SUMMARY: summary }), cwd },
  );
  expect(stderr).toContain(`::warning file=in.csv,title=Notice::in.csv: ${FONE}\n`);
  // A notice cannot inject a workflow command.
  expect(stderr).not.toMatch(/^::error::/m);
  const markdown = readFileSync(summary, 'utf8');
  expect(markdown).toContain(
    'Notices on **in.csv**\n\n- ignored columns&#58; fone (did you mean phone?)\n- ',
  );
  expect(markdown).not.toMatch(/<b>|\| *&#58;/);
  expect(controls(markdown)).toEqual([]);
  const xml = readFileSync(junit, 'utf8');
  expect(xml).toContain(`<system-out>notice: ${FONE}&#10;notice: ignored columns: ␛[2J`);
  expect(xml).toMatch(/<\/system-out>\n {2}<\/testsuite>/);
});

test('check prints them as an upload does, with the real rules', LONG, async () => {
  const cwd = folder();
  writeFileSync(join(cwd, 'in.csv'), 'name,email,fone,company\nAnn,a@b.co,1,Acme\n');
  for (const more of [[], ['--summary'], ['--progress', 'none']]) {
    const { stderr } = await csvjobs(['check', 'in.csv', ...more], { cwd });
    expect(stderr).toMatch(/^in\.csv: notice: ignored columns: fone/m);
  }
  const { stdout } = await csvjobs(['check', 'in.csv', '--json'], { cwd });
  expect(JSON.parse(stdout)).toMatchObject({ notices: [expect.stringMatching(/fone/)] });
});

test(
  '--json has all notices of a check, even if the output is cut: there is no job to show',
  LONG,
  async () => {
    const cwd = folder();
    const lines = ['List of customers;;;;', 'Kundennummer;Firma;Ansprechpartner;E-Mail;Telefon'];
    writeFileSync(join(cwd, 'in.csv'), `${lines.join('\n')}\n1;M\u00fcller;Ann;a@b.example;1\n`, 'latin1');
    const { stderr } = await csvjobs(['check', 'in.csv'], { cwd });
    const [, more] = /notice: (\d) more \(--json has all\)\n/.exec(stderr) ?? [];
    const { stdout } = await csvjobs(['check', 'in.csv', '--json'], { cwd });
    expect(JSON.parse(stdout).notices.length).toBe(5 + Number(more));
  },
);

test('many long ones are limited: the start and end of each, and the number of others', async () => {
  const names = Array.from({ length: 50 }, (_, index) => `column ${index}`).join(', ');
  const long = `ignored columns: ${names} (did you mean phone?)`;
  const { texts } = shownNotices([long]);
  expect([...texts[0]!].length).toBe(400);
  expect(texts[0]).toMatch(/^ignored columns: column 0, .*….*did you mean phone\?\)$/);
  const many = Array.from({ length: 9 }, (_, index) => `notice ${index}`);
  const { id } = peer.addJob({ notices: [long, ...many] });
  const { stderr } = await csvjobs(['watch', id], { env: env() });
  expect(times(stderr, 'notice: ')).toBe(6);
  expect(stderr).toMatch(/notice: 5 more \(csvjobs show [\da-f]{8} has all\)/);
  const { stdout } = await csvjobs(['show', id], { env: env() });
  for (const notice of [long, ...many]) expect(stdout).toContain(notice);
});
