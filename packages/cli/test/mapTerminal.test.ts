/**
 * `csvjobs map` on a real pseudo-terminal: key presses, the saved spec, and the result of `check` with it.
 *
 * @module-tag sized
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { inShortIf, LONG, sized } from '../../daemon/test/support/form.js';
import { VANS, writeVans } from './mapVans.js';
import { makeColumn, makeTable } from './peer/tables.js';
import { Peer } from './peer.js';
import { type Screen, screenOf } from './screen.js';
import { controls, csvjobs, folder, plainText, type Running, startOnTerminal } from './spawn.js';

let peer: Peer;
let cwd: string;
let env: Record<string, string>;
beforeEach(async () => {
  peer = await new Peer().listen();
  peer.tables = [VANS];
  cwd = folder();
  env = { CSVJOBS_URL: peer.url };
  writeVans(cwd);
});
afterEach(() => peer.close());

const ENTER = '\r';
const ESC = '\u001b';
const BACKSPACE = '\u007f';
const DOWN = '\u001b[B';

interface Opened {
  running: Running;
  screen: Screen;
  /** Presses keys one at a time, each when the effect of the previous one is visible. */
  press(keys: string, seen: string | RegExp): Promise<void>;
}

async function open(args: string[], columns: number, rows = 24): Promise<Opened> {
  const running = startOnTerminal(args, { env, cwd, columns });
  const screen = screenOf(running, columns, rows);
  const seen = (what: string | RegExp) =>
    screen.until(() => (typeof what === 'string' ? screen.text().includes(what) : what.test(screen.text())));
  return {
    running,
    screen,
    async press(keys, what) {
      running.child.stdin?.write(keys);
      await seen(what);
    },
  };
}

const specIn = (name: string) => parse(readFileSync(join(cwd, name), 'utf8'));

/** The same file and table at any width: the screen differs, the result does not. */
test.each(sized([40], [40, 80, 120]))(
  'choose, combine, first of, default, constant and save, at %i columns',
  async (columns) => {
    const { running, screen, press } = await open(['map', 'vans.csv', '--into', 'shop.vans'], columns);
    await press('', '✗ nothing fills crew');
    await press(ENTER, 'Ada, Grace');
    await press(ENTER, /✓ crew.*Front/);
    await press('+', /› . Rear/);
    await press(ENTER, 'Front + Rear');
    // Guesses are accepted after a look: the depot gets a default.
    await press('jj', /› \? depot/);
    await press('d', 'depot, if empty:');
    await press(`none${ENTER}`, /Depot Code, else/);
    await press('j', /› . gauge/);
    await press('|', /› . Spare/);
    await press(ENTER, 'Gauge | Spare');
    await press('G', /› · source/);
    await press('c', 'in every row:');
    await press(`hubspot${ENTER}`, '= "hubspot"');
    await press('', /3 good · 2 bad of 5 records/);
    await press('s', 'save as: ');
    await press(ENTER, 'csvjobs upload');
    const { code, stdout } = await running.ended;
    expect(code).toBe(0);
    expect(plainText(stdout).trimEnd().split('\n').at(-1)).toBe(
      'csvjobs upload vans.csv --into shop.vans --spec vans.csv.spec.yaml --watch',
    );
    expect(specIn('vans.csv.spec.yaml')).toEqual({
      csvjobs: {
        into: 'shop.vans',
        combine: { crew: ['Front', 'Rear'] },
        firstOf: {
          plate: ['Number Plate'],
          depot: ['Depot Code'],
          gauge: ['Gauge', 'Spare'],
          serviced: ['Serviced'],
        },
        constant: { source: 'hubspot' },
        default: { depot: 'none' },
      },
    });
    expect(screen.lines().length).toBe(24);
    const checked = await csvjobs(
      ['check', 'vans.csv', '--into', 'shop.vans', '--spec', 'vans.csv.spec.yaml', '--json'],
      { cwd, env },
    );
    const end = JSON.parse(checked.stdout.trim().split('\n').at(-1)!);
    expect(end).toMatchObject({ type: 'checked', successCount: 3, failedCount: 2 });
    const first = JSON.parse(checked.stdout.split('\n')[0]!);
    expect(first.row).toMatchObject({ crew: 'Grace Hopper', gauge: '+1 555 0100' });
  },
);

test('a right that is missing is named in full when the spec is saved', LONG, async () => {
  const grant = 'grant usage on sequence shop.services_of_all_vans to "app"';
  const object = 'sequence shop.services_of_all_vans';
  peer.tables = [
    { ...VANS, missingRights: [{ rule: 'default', name: 'serviced', right: 'USAGE', object, grant }] },
  ];
  // No file of the user fills the column, so its DEFAULT does.
  writeFileSync(join(cwd, 'vans.csv'), 'crew,plate,depot\nAda,1,x\n');
  const { running, press } = await open(['map', 'vans.csv', '--into', 'shop.vans'], 80);
  await press('', '✗ ');
  await press('s', 'save as: ');
  await press(ENTER, 'csvjobs upload');
  const { code, stdout } = await running.ended;
  expect(code).toBe(0);
  expect(plainText(stdout).replaceAll(/\s+/g, ' ')).toContain(grant);
});

test('an unmapped column stays unmapped in the load', LONG, async () => {
  const { running, press } = await open(['map', 'vans.csv', '--into', 'shop.vans'], 100);
  await press('', 'nothing fills');
  await press(`${ENTER}${ENTER}`, /✓ crew.*Front/);
  await press('jjjj', /› ✓ serviced/);
  await press(BACKSPACE, /› · serviced/);
  await press('', '4 good · 1 bad of 5 records');
  await press('s', 'save as: ');
  await press(ENTER, 'csvjobs upload');
  await running.ended;
  expect(specIn('vans.csv.spec.yaml').csvjobs.ignore).toEqual(['Serviced']);
});

test('asks before it overwrites an earlier spec; -o names another', LONG, async () => {
  const mine = join(cwd, 'mine.yaml');
  writeFileSync(mine, 'mine');
  const { running, press } = await open(['map', 'vans.csv', '--into', 'shop.vans', '-o', 'mine.yaml'], 100);
  await press('', 'nothing fills');
  await press(`${ENTER}${ENTER}`, /✓ crew.*Front/);
  await press('s', 'mine.yaml is there already. Overwrite it?');
  await press('n', 's save');
  expect(readFileSync(mine, 'utf8')).toBe('mine');
  await press('s', 'Overwrite it?');
  await press('y', 'csvjobs upload vans.csv --into shop.vans --spec mine.yaml --watch');
  expect((await running.ended).code).toBe(0);
  expect(specIn('mine.yaml').csvjobs.into).toBe('shop.vans');
});

test('leaves at once without changes, otherwise asks; Ctrl-C is 130; nothing is saved', async () => {
  const args = ['map', 'vans.csv', '--into', 'shop.vans'];
  const first = await open(args, 80);
  await first.press('', 'nothing fills');
  first.running.child.stdin?.write('q');
  expect((await first.running.ended).code).toBe(0);
  const second = await open(args, 80);
  await second.press('', 'nothing fills');
  await second.press(`j${BACKSPACE}`, 'nothing fills crew, plate');
  await second.press(ESC, 'Leave without saving?');
  second.running.child.stdin?.write('y');
  expect((await second.running.ended).code).toBe(0);
  const third = await open(args, 80);
  await third.press('', 'nothing fills');
  third.running.child.stdin?.write('\u0003');
  expect((await third.running.ended).code).toBe(130);
  expect(existsSync(join(cwd, 'vans.csv.spec.yaml'))).toBe(false);
});

test('1,600 columns with hostile names: scrolls, searches, and stays harmless', LONG, async () => {
  const names = Array.from({ length: 1_600 }, (_, at) => `field ${at} \u202e世界\u001b[31m`);
  writeFileSync(join(cwd, 'wide.csv'), `${names.join(',')}\n${names.map((_, at) => at).join(',')}\n`);
  peer.tables = [
    makeTable('shop', 'wide', {
      columns: names.map((_, at) => makeColumn(`c${at}`, 'integer', { type: { name: 'int4' } })),
    }),
  ];
  const { running, screen, press } = await open(['map', 'wide.csv', '--into', 'shop.wide'], 80);
  await press('', '1,600 fields, 1,600 columns');
  await press(DOWN.repeat(1), /› · c1 /);
  await press('G', /› · c1599 /);
  await press(ENTER, /› {3}field 0/);
  await press('/field 1597', /› {3}field 1597/);
  await press(ENTER, '/ find');
  await press(ENTER, /› ✓ c1599/);
  expect(controls(screen.text())).toEqual([]);
  running.child.stdin?.write('qy');
  await running.ended;
});

test('a resize keeps one whole frame', LONG, async () => {
  const { running, screen, press } = await open(['map', 'vans.csv', '--into', 'shop.vans'], 120);
  await press('', 'nothing fills');
  screen.resize(60, 16);
  await screen.until(() => screen.lines()[1]?.length === 60 && screen.text().includes('q leave'));
  expect(screen.text().split('› ✗ crew').length).toBe(2);
  running.child.stdin?.write('q');
  expect((await running.ended).code).toBe(0);
});

describe('a refused header', () => {
  test('check offers the screen; yes opens it, and the exit code stays that of check', async () => {
    const { running, press } = await open(['check', 'vans.csv', '--into', 'shop.vans'], 100);
    await press('', 'Map the columns now? [Y/n]');
    await press(ENTER, '✗ nothing fills crew');
    running.child.stdin?.write('q');
    const { code, stdout } = await running.ended;
    expect(code).toBe(2);
    expect(plainText(stdout)).toMatch(/(next: |or: {3})csvjobs map vans.csv --into shop.vans/);
  });

  test('upload offers it too, for customers without a table name', LONG, async () => {
    const { running, screen, press } = await open(['upload', 'vans.csv'], 100);
    await press('', 'Map the columns now? [Y/n]');
    expect(screen.text()).toMatch(/(next: |or: {3})csvjobs map vans.csv/);
    await press(`y${ENTER}`, 'vans.csv → customers');
    await press('', /nothing fills .*name/);
    running.child.stdin?.write('q');
    expect((await running.ended).code).toBe(2);
    expect(peer.uploads).toEqual([]);
  });

  test('no or Ctrl-D declines', LONG, async () => {
    for (const answer of ['n\r', '\u0004']) {
      const { running, press } = await open(['check', 'vans.csv', '--into', 'shop.vans'], 100);
      await press('', 'Map the columns now? [Y/n]');
      running.child.stdin?.write(answer);
      const { code, stdout } = await running.ended;
      expect(code).toBe(2);
      expect(stdout).not.toContain('nothing fills');
    }
  });

  for (const [name, more, extra] of [
    ['CI', [], { CI: 'true' }],
    ['--json', ['--json'], {}],
    ['--quiet', ['--quiet'], {}],
    ['several files', ['vans.csv'], {}],
  ] as [string, string[], object][])
    test(`${name}: does not ask`, inShortIf(name === 'CI' || name === '--json'), async () => {
      env = { ...env, ...extra } as Record<string, string>;
      const { running } = await open(['check', 'vans.csv', ...more, '--into', 'shop.vans'], 100);
      const { code, stdout } = await running.ended;
      expect(code).toBe(2);
      expect(stdout).not.toContain('Map the columns now?');
    });
});
