/**
 * The docs of the command line cannot drift: docs/commands.md and the pages in docs/commands are generated from the program
 * (`npm run docs` rewrites them),
 * and the commands of the CI examples in docs/pipelines.md are run.
 */

import { execFile } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { LONG } from '../../daemon/test/support/form.js';
import { commandNames } from './commandNames.js';
import { Peer } from './peer.js';
import { csvFile, csvjobs, folder, MAIN } from './spawn.js';

const document = (name: string) => fileURLToPath(new URL(`../../../docs/${name}.md`, import.meta.url));
const HELP = /(<!-- help: (.*?) -->\n```\n)[\s\S]*?(```\n<!-- \/help -->)/g;
const INDEX = /(?<=<!-- commands -->\n)[\s\S]*(?=<!-- \/commands -->)/;

const MADE = '\nMade from the program by `npm run docs`. [All commands](../commands.md)\n';

/** The sentence after the usage line, on one line. */
function summaryOf(help: string): string {
  const [, paragraph = ''] = help.split('\n\n');
  return paragraph.replaceAll('\n', ' ').trim();
}

/** The program's output, as it appears in the document. */
async function printed(args: string): Promise<string> {
  const { stdout, stderr, code } = await csvjobs(args.split(' '));
  expect({ args, stderr, code }).toEqual({ args, stderr: '', code: 0 });
  const lines = stdout.split('\n').map((line) => line.trimEnd());
  return `${lines.join('\n').trimEnd()}\n`;
}

test('docs/commands has a page for every command, in the words that the program prints; docs/commands.md names them all', async () => {
  const names = commandNames();
  expect(names).toEqual(expect.arrayContaining(['upload', 'daemon start', 'completion', 'help']));
  const commands = names.filter((name) => name !== '' && !name.includes(' '));
  const pages = await Promise.all(
    commands.map(async (command) => {
      const own = names.filter((name) => name === command || name.startsWith(`${command} `));
      const helps = await Promise.all(
        own.map(async (name) => ({ name, help: await printed(`${name} --help`) })),
      );
      for (const { name, help } of helps) expect(help, `has examples: ${name}`).toMatch(/\n\nExamples:\n/);
      const chapters = helps.map(
        ({ name, help }, index) => `${index === 0 ? '#' : '##'} csvjobs ${name}\n\n\`\`\`\n${help}\`\`\`\n`,
      );
      await expect(`${chapters.join('\n')}${MADE}`).toMatchFileSnapshot(document(`commands/${command}`));
      return `- [csvjobs ${command}](commands/${command}.md): ${summaryOf(helps[0]!.help)}\n`;
    }),
  );
  const stale = readdirSync(dirname(document('commands/upload'))).filter(
    (page) => !commands.includes(page.replace(/\.md$/, '')),
  );
  expect(stale).toEqual([]);
  const help = await printed('--help');
  const index = document('commands');
  const written = readFileSync(index, 'utf8').replace(
    INDEX,
    () => `\n${pages.join('')}\n\`\`\`\n${help}\`\`\`\n`,
  );
  await expect(written).toMatchFileSnapshot(index);
});

test('docs/cli.md has the exit codes, in the words that the program prints', async () => {
  const exitCodes = await printed('help exit-codes');
  const cli = document('cli');
  const written = readFileSync(cli, 'utf8').replace(
    HELP,
    (_, head: string, __, tail: string) => head + exitCodes + tail,
  );
  await expect(written).toMatchFileSnapshot(cli);
});

interface Step {
  run?: string;
}

test(
  'the check of the CI example passes a sound file and fails on one that is not, without a daemon',
  LONG,
  async () => {
    const [, text = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(document('pipelines'), 'utf8')) ?? [];
    const { steps } = (parse(text) as { jobs: { check: { steps: Step[] } } }).jobs.check;
    const command = steps.map(({ run = '' }) => run).find((run) => run.startsWith('csvjobs '));
    const cwd = folder();
    mkdirSync(join(cwd, 'data'));
    const run = () =>
      promisify(execFile)(
        '/bin/sh',
        ['-c', `${command?.replace(/^csvjobs/, `'${process.execPath}' '${MAIN}'`)}`],
        {
          cwd,
          env: { PATH: '/usr/bin:/bin', HOME: cwd, CI: 'true' },
        },
      );
    copyFileSync(csvFile(), join(cwd, 'data', 'customers.csv'));
    await run();
    writeFileSync(join(cwd, 'data', 'bad.csv'), 'name,email,phone,company\nAnn,nobody,,Acme\n');
    await expect(run()).rejects.toMatchObject({ code: 7 });
  },
);

test('the commands of the CI examples do what they say', async () => {
  const examples = [...readFileSync(document('pipelines'), 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    ([, text = '']) => parse(text),
  );
  const github = (examples[0] as { jobs: { load: { steps: Step[] } } }).jobs.load.steps.map(
    ({ run }) => run ?? '',
  );
  const gitlab = (examples[1] as Record<string, Record<string, string[]>>)['load-customers'] ?? {};
  for (const lines of [github, [...(gitlab.script ?? []), ...(gitlab.after_script ?? [])]]) {
    const commands = lines.filter((line) => line.startsWith('csvjobs '));
    expect(commands.length).toBe(2);
    const peer = await new Peer().listen();
    peer.plan = () => ({ rows: 1000, bad: 5 });
    const cwd = folder();
    mkdirSync(join(cwd, 'data'));
    mkdirSync(join(cwd, 'bin'));
    copyFileSync(csvFile(), join(cwd, 'data', 'customers.csv'));
    writeFileSync(join(cwd, 'bin', 'csvjobs'), `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`);
    chmodSync(join(cwd, 'bin', 'csvjobs'), 0o755);
    const PATH = `${join(cwd, 'bin')}:${dirname(process.execPath)}:/usr/bin:/bin`;
    const env = { PATH, HOME: cwd, CSVJOBS_URL: peer.url, CI: 'true' };
    const script = commands.join('\ncode=$?\n');
    await promisify(execFile)('/bin/sh', ['-c', `${script}\necho $code > code`], { cwd, env });
    // 5 of 1,000 rows: within the 1% of the one example, and rejects for the other, which has no limit.
    expect(readFileSync(join(cwd, 'code'), 'utf8').trim()).toBe(
      commands[0]?.includes('--max-errors') ? '0' : '3',
    );
    expect(readFileSync(join(cwd, 'errors.csv'), 'utf8').trim().split('\n').length).toBe(6);
    expect(existsSync(join(cwd, 'junit.xml'))).toBe(commands[0]?.includes('--junit'));
    await peer.close();
  }
});
