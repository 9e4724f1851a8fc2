/** Ctrl-Z in the live views, on a real pseudo-terminal under an interactive shell with job control. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inShortIf, LONG } from '../../daemon/test/support/form.js';
import { VANS, writeVans } from './mapVans.js';
import { Peer } from './peer.js';
import { type Screen, screenOf } from './screen.js';
import { csvFile, folder, MAIN, type Running, startCommandOnTerminal } from './spawn.js';

const CTRL_Z = '\u001a';
const PROMPT = 'shell> ';

let peer: Peer;
beforeEach(async () => {
  peer = await new Peer().listen();
  peer.tables = [VANS];
});
afterEach(() => peer.close());

interface Shell {
  running: Running;
  screen: Screen;
  /** Types a line, or keys, and waits for a text on the screen. */
  type(keys: string, seen: string | RegExp): Promise<void>;
  /** Whether the cursor is visible, by the last escape sequence about it. */
  cursor(): boolean;
  /** What `stty -a` says about the terminal's modes. */
  modes(): Promise<string>;
}

/**
 * An interactive shell on a terminal of 120 columns and 24 rows, with a short prompt. bash itself restores the modes of
 * its terminal when a program stops; dash, the sh of Debian, relies on the program.
 */
async function shell(name: string, cwd: string): Promise<Shell> {
  const running = startCommandOnTerminal(name === 'bash' ? 'bash --norc --noprofile -i' : 'sh -i', {
    cwd,
    env: {
      ...{ PATH: process.env.PATH ?? '', HOME: cwd, TERM: 'xterm-256color', PS1: PROMPT },
      ...{ NODE: process.execPath, MAIN, CSVJOBS_URL: peer.url, INPUTRC: '/dev/null' },
    },
  });
  const screen = screenOf(running, 120);
  const atPrompt = () => screen.beforeCursor() === PROMPT;
  await screen.until(atPrompt);
  return {
    running,
    screen,
    type: async (keys, seen) => {
      running.child.stdin?.write(keys);
      await screen.until(() => screen.text().search(seen) >= 0);
    },
    cursor: () => running.stdout().lastIndexOf('\u001b[?25h') >= running.stdout().lastIndexOf('\u001b[?25l'),
    async modes() {
      const from = running.stdout().length;
      running.child.stdin?.write('clear; stty -a; echo "end of modes"\n');
      await screen.until(
        () => /end of modes\r\n/.test(running.stdout().slice(from)) && screen.beforeCursor() === PROMPT,
      );
      return running.stdout().slice(from);
    },
  };
}

/** Presses Ctrl-Z, and checks that the shell has its terminal as it was, with its prompt below what is drawn. */
async function suspends({ running, screen, cursor, modes }: Shell, still: string): Promise<void> {
  running.child.stdin?.write(CTRL_Z);
  await screen.until(() => screen.text().includes('Stopped') && screen.beforeCursor() === PROMPT);
  if (still !== '') {
    const at = (text: string) => screen.lines().findLastIndex((line) => line.includes(text));
    expect(at(still)).toBeGreaterThan(-1);
    expect(at('Stopped')).toBeGreaterThan(at(still));
  }
  expect(cursor()).toBe(true);
  const now = await modes();
  expect(now).toMatch(/(?<!-)\bicanon\b/);
  expect(now).toMatch(/(?<!-)\bisig\b/);
}

const RUN = '"$NODE" "$MAIN"';

/** A job that is running, uploads that stop half way, and a folder with files. */
function running(): { id: string; cwd: string } {
  peer.plan = () => ({ steps: 8, holdAt: 4 });
  const { id } = peer.addJob({
    filename: 'running.csv',
    status: 'processing',
    processedRows: 20,
    completedAt: null,
  });
  const cwd = folder();
  writeVans(cwd);
  return { id, cwd };
}

for (const [name, program] of [
  ['upload', 'sh'],
  ['upload', 'bash'],
  ['watch', 'bash'],
  ['list', 'sh'],
  ['map', 'sh'],
] as const)
  test(
    `Ctrl-Z in ${name}: ${program} gets its terminal back, fg redraws and the keys work`,
    inShortIf(name === 'map' || (name === 'upload' && program === 'bash')),
    async () => {
      const { id, cwd } = running();
      const [command, drawn, key, effect, still] = {
        upload: [`upload '${csvFile()}' --watch`, /37%[\s\S]*q leave/, 'c', /Cancel customers\.csv/, '37%'],
        watch: [`watch ${id}`, /20%[\s\S]*q leave/, 'c', /Cancel running\.csv/, '20%'],
        list: ['list --watch', /processing[\s\S]*q leave/, '?', /any of the keys|filter by file/, ''],
        map: ['map vans.csv --into shop.vans', /nothing fills crew/, 'j', /› . plate/, ''],
      }[name] as [string, RegExp, string, RegExp, string];
      const at = await shell(program, cwd);
      await at.type(`${RUN} ${command}\n`, drawn);
      await suspends(at, still);
      await at.type('fg\n', drawn);
      expect(at.cursor()).toBe(false);
      await at.type(key, effect);
      // Once more, with a question or the help open: what is shown comes back too.
      await suspends(at, '');
      await at.type('fg\n', effect);
      at.running.child.stdin?.write('\u0003');
      await at.screen.until(() => at.screen.beforeCursor() === PROMPT);
      await at.type('echo "code $?"\n', /code 130/);
    },
  );

for (const name of ['upload', 'list', 'map'])
  test(
    `${name} continues after Ctrl-Z and bg: typing at the prompt does not stop it, and it does not draw there`,
    inShortIf(name === 'upload'),
    async () => {
      const { id, cwd } = running();
      const [command, drawn] = {
        upload: [`upload '${csvFile()}' --watch`, /37%[\s\S]*q leave/],
        list: ['list --watch', /processing[\s\S]*q leave/],
        map: ['map vans.csv --into shop.vans', /nothing fills crew/],
      }[name] as [string, RegExp];
      const at = await shell('bash', cwd);
      await at.type(`${RUN} ${command}\n`, drawn);
      await suspends(at, '');
      await at.type('bg\n', /\[1\]\+ .* &/);
      await at.type('clear; echo one line; echo "typed "again\n', /typed again\n/);
      peer.change(id, { processedRows: 90 });
      await at.type('clear; jobs\n', /\[1\]\+ {2}Running/);
      expect(at.cursor()).toBe(true);
      if (name === 'upload') {
        const [uploaded] = [...peer.jobs.values()].filter(({ filename }) => filename === 'customers.csv');
        peer.release(uploaded?.id ?? '');
        await at.type('wait %1; echo "code $?"\n', /completed in [\s\S]*code 0/);
      } else {
        await at.type('fg\n', drawn);
        at.running.child.stdin?.write('\u0003');
        await at.screen.until(() => at.screen.beforeCursor() === PROMPT);
      }
    },
  );

for (const [where, run, redirected] of [
  ['below another program, as under npx', `sh -c '${RUN} "$@"; exit $?' x`, ''],
  ['that reads no keys', RUN, '< /dev/null'],
] as const)
  test(`Ctrl-Z in a view ${where}`, inShortIf(where.includes('npx')), async () => {
    const { id } = peer.addJob({
      filename: 'running.csv',
      status: 'processing',
      processedRows: 20,
      completedAt: null,
    });
    const at = await shell('sh', folder());
    await at.type(`${run} watch ${id} ${redirected}\n`, /20%/);
    await suspends(at, '20%');
    await at.type('fg\n', /20%/);
    at.running.child.stdin?.write('\u0003');
    await at.screen.until(() => at.screen.beforeCursor() === PROMPT);
  });

for (const program of ['sh', 'bash'])
  test(
    `Ctrl-Z at a yes/no question: ${program} gets its terminal back, and fg asks again`,
    inShortIf(program === 'sh'),
    async () => {
      const { id } = peer.addJob({ filename: 'done.csv' });
      const at = await shell(program, folder());
      await at.type(`${RUN} delete ${id}\n`, /\[y\/N\]/);
      await suspends(at, '[y/N]');
      await at.type('clear; fg\n', /\[y\/N\]/);
      await suspends(at, '[y/N]');
      await at.type('clear; fg\n', /\[y\/N\]/);
      at.running.child.stdin?.write('y\n');
      await at.screen.until(() => !peer.jobs.has(id) && at.screen.beforeCursor() === PROMPT);
    },
  );

test(
  'Ctrl-Z at the offer of the screen for columns: fg asks again, as often as it is suspended',
  LONG,
  async () => {
    const cwd = folder();
    writeVans(cwd);
    const at = await shell('bash', cwd);
    await at.type(`${RUN} upload vans.csv\n`, /Map the columns now\? \[Y\/n\]/);
    for (let times = 0; times < 2; times++) {
      await suspends(at, 'Map the columns now?');
      await at.type('clear; fg\n', /Map the columns now\? \[Y\/n\]/);
    }
    at.running.child.stdin?.write('n\n');
    await at.screen.until(() => at.screen.beforeCursor() === PROMPT);
    await at.type('echo "code $?"\n', /code 2/);
  },
);

for (const program of ['sh', 'bash'])
  test(
    `Ctrl-Z at login's question: ${program} echoes, and after fg nothing typed is shown`,
    inShortIf(program === 'bash'),
    async () => {
      const at = await shell(program, folder());
      await at.type(`${RUN} login ${peer.url}\n`, /Token/);
      const secret = 'never-shown-';
      at.running.child.stdin?.write(secret);
      await suspends(at, 'Token');
      expect(await at.modes()).toMatch(/(?<!-)\becho\b/);
      await at.type('clear; fg\n', /Token/);
      const from = at.running.stdout().length;
      at.running.child.stdin?.write('more\r');
      await at.screen.until(() => at.screen.beforeCursor() === PROMPT);
      expect(at.running.stdout().slice(from)).not.toContain('more');
      expect(at.running.stdout()).not.toContain(secret);
    },
  );
