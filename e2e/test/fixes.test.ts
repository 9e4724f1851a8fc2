/** Rejected records as they are in the file, fixed, and uploaded again: with the real command line and the real daemon. */
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Job } from '@csvjobs/shared';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startCommandOnTerminal } from '../../packages/cli/test/spawn.js';
import { inShortIf, LONG } from '../../packages/daemon/test/support/form.js';
import { csvjobs } from '../support/cli.js';
import { openPlace, type Place } from '../support/place.js';

let place: Place;
let url: string;

beforeEach(async () => {
  place = await openPlace();
  await place.database.pool.query('create table items (id int primary key, note text, price numeric(8,2))');
  ({ url } = await place.start({ TARGET_TABLES: 'public.*' }));
});
afterEach(() => place.close());

/** Uploads bytes and watches the job; returns it. */
async function load(name: string, bytes: string | Uint8Array, ...args: string[]): Promise<Job> {
  const file = join(place.folder, name);
  writeFileSync(file, bytes);
  const { code, stdout, stderr } = await csvjobs(
    url,
    'upload',
    file,
    '--watch',
    '--progress',
    'plain',
    ...args,
  );
  expect([0, 3], stderr).toContain(code);
  return jobOf(stdout.trim());
}

async function jobOf(id: string): Promise<Job> {
  return (await (await fetch(`${url}/api/jobs/${id}`)).json()) as Job;
}

async function original(id: string, query = ''): Promise<Buffer> {
  const response = await fetch(`${url}/api/jobs/${id}/errors.original${query}`);
  expect(response.status).toBe(200);
  return Buffer.from(await response.arrayBuffer());
}

const HEADER = 'Company;E-Mail;"Full Name";notes;phone\r\n';
/** Each is rejected: by rules, by PostgreSQL, or because it cannot be split into fields. */
const BAD = [
  'Acme;not an address;"Ann ""A""; Lee";"two\r\nlines";1',
  '"Acme" ; ann@x.example ;  ;n;2',
  'Acme;bob@x.example;Bob "B" Ray;n;3',
  'Acme;"cy@x.example;Cy;n;4',
  'Acme;dee@x.example;Dee',
  'Acme;eve@x.example;Eve;n;+49 5;more',
  'Acme; ANN@good.example ;"Double ""D""";n;=6',
];
const GOOD = 'Good;ann@good.example;Ann;n;0';

describe('customers', () => {
  test('every rejected record comes back byte for byte, with its line and error, and can be fixed', async () => {
    const job = await load('list.csv', `${HEADER}${[GOOD, ...BAD].join('\r\n')}\r\n`);
    expect(job).toMatchObject({ totalRows: 8, successCount: 1, failedCount: 7 });
    const text = (await original(job.id)).toString();
    const errors = [
      ['3', 'email is not a valid address'],
      ['5', 'name is required'],
      [
        '6',
        'quote in the middle of an unquoted field; put the whole field in quotes and double the quotes inside it, or keep them as text with --quotes lenient',
      ],
      [
        '7',
        'text after the closing quote of a field; double the quotes inside a quoted field, or keep them as text with --quotes lenient',
      ],
      ['8', '3 fields where the header has 5; quote a field that has the delimiter or a line end in it'],
      ['9', '6 fields where the header has 5; quote a field that has the delimiter or a line end in it'],
      ['10', 'duplicate of row 1'],
    ];
    const wanted = BAD.map((record, at) => `${record};${errors[at]![0]};"${errors[at]![1]}"\r\n`);
    expect(text).toBe(`${HEADER.trimEnd()};_line;_error\r\n${wanted.join('')}`);

    // Uploaded unchanged, nothing is loaded and nothing is lost.
    const again = await load('again.csv', text, '--fixes', job.id);
    expect(again).toMatchObject({ parent: job.id, totalRows: 7, successCount: 0, failedCount: 7 });
    expect(again.notices).toContain('left out the columns of a report: _line, _error');
    const records = (report: string) => report.replaceAll(/;\d+;"[^"]*"\r\n/g, '\r\n');
    expect(records((await original(again.id)).toString())).toBe(records(text));

    const fixed = text
      .replace('not an address', 'fixed@x.example')
      .replace(' ;  ;n;2', ' ;Ann B;n;2')
      .replace('Bob "B" Ray', '"Bob ""B"" Ray"')
      .replace('"cy@x.example;', 'cy@x.example;')
      .replace('Dee;8', 'Dee;n;7;8');
    const child = await load('fixed.csv', fixed, '--fixes', again.id);
    expect(child).toMatchObject({ parent: again.id, totalRows: 7, successCount: 5, failedCount: 2 });
    expect((await jobOf(job.id)).chain).toEqual({
      rows: 8,
      loaded: 1,
      fixed: 5,
      left: 2,
      leftOut: 0,
      jobs: [again.id, child.id],
    });
    const shown = (await csvjobs(url, 'show', job.id)).stdout;
    expect(shown).toContain('8 rows: 1 loaded, 5 fixed, 2 left\n');
    expect(shown).toContain(`csvjobs fix ${child.id.slice(0, 8)}`);
    const { rows } = await place.database.pool.query(
      'select name, email, phone from customers where job_id = $1 order by row_number',
      [child.id],
    );
    expect(rows.map(({ name, email, phone }) => [name, email, phone])).toEqual([
      ['Ann "A"; Lee', 'fixed@x.example', '1'],
      ['Ann B', 'ann@x.example', '2'],
      ['Bob "B" Ray', 'bob@x.example', '3'],
      ['Cy', 'cy@x.example', '4'],
      ['Dee', 'dee@x.example', '7'],
    ]);
  });

  // In the short form pipeline/fixes/originalText.test.ts has drawn texts.
  test(
    'a spreadsheet may edit the records: guarded formulas come back unchanged',
    inShortIf(false),
    async () => {
      const job = await load('list.csv', `${HEADER}${[GOOD, ...BAD].join('\r\n')}\r\n`);
      const saved = join(place.folder, 'sheet.csv');
      const { code, stdout } = await csvjobs(url, 'fix', job.id, '-o', saved);
      expect([code, stdout]).toEqual([0, `csvjobs upload ${saved} --fixes ${job.id.slice(0, 8)} --watch\n`]);
      const text = readFileSync(saved, 'utf8');
      expect(text).toContain(`\ufeffCompany;E-Mail;Full Name;notes;phone;_line;_error;_cells\r\n`);
      expect(text).toContain(`"Acme;bob@x.example;Bob ""B"" Ray;n;3";;;;;6;`);
      expect(text).toContain(`Eve;n;'+49 5;more;9;`);
      const fixed = text
        .replace("eve@x.example;Eve;n;'+49 5;more", "eve@x.example;Eve;n;'+49 5")
        .replace(' ANN@good.example ', 'double@x.example');
      const child = await load('sheet-fixed.csv', fixed, '--fixes', job.id);
      expect(child).toMatchObject({ totalRows: 7, successCount: 2, failedCount: 5 });
      const { rows } = await place.database.pool.query(
        `select phone from customers where job_id = $1 order by row_number`,
        [child.id],
      );
      expect(rows).toEqual([{ phone: '+49 5' }, { phone: '=6' }]);
      // The rest is as it was in the first file.
      const left = (await original(child.id)).toString();
      for (const record of BAD.slice(0, 1)) expect(left).toContain(record);
      expect(left).toContain('\r\nAcme;bob@x.example;Bob "B" Ray;n;3;');
      expect(left).toContain('\r\nAcme;"cy@x.example;Cy;n;4;');
      expect(left.split('\r\n')[0]).toBe('Company;E-Mail;Full Name;notes;phone;_line;_error');
    },
  );

  test('bytes undefined in the encoding come back, and the fixed file is read as UTF-8', LONG, async () => {
    const bytes = Buffer.concat([
      Buffer.from('name\temail\tcompany\n'),
      Buffer.from('J\u00f6rg\tj@x.example\tGr\u00fcn\n', 'latin1'),
      Buffer.from('J\u00f6rg \x81\tk@x.example\tGr\u00fcn\n', 'latin1'),
      Buffer.from('J\u00f6rg\tnone\tGr\u00fcn\n', 'latin1'),
    ]);
    const job = await load('old.tsv', bytes, '--encoding', 'windows-1252');
    expect(job).toMatchObject({ successCount: 1, failedCount: 2 });
    const report = await original(job.id);
    const wanted = Buffer.concat([
      Buffer.from('name\temail\tcompany\t_line\t_error\nJörg '),
      Buffer.of(0x81),
      Buffer.from('\tk@x.example\tGrün\t3\t"'),
    ]);
    expect(report.subarray(0, wanted.length)).toEqual(wanted);
    const fixed = report.toString('latin1').replace(' \x81', '').replace('none', 'l@x.example');
    const child = await load('old.fixed.tsv', Buffer.from(fixed, 'latin1'), '--fixes', job.id);
    expect(child).toMatchObject({ successCount: 2, failedCount: 0 });
    const { rows } = await place.database.pool.query('select distinct name, company from customers');
    expect(rows).toEqual([{ name: 'Jörg', company: 'Grün' }]);
  });
});

describe('another table', () => {
  test(
    'records rejected by rules, keys and quotes come back; the spec is reused; errors.csv can be uploaded too',
    LONG,
    async () => {
      const spec = join(place.folder, 'items.json');
      writeFileSync(
        spec,
        JSON.stringify({ schema: { fields: [{ name: 'price', type: 'number', decimalChar: ',' }] } }),
      );
      const rows = [
        '1|"a | b"|1,50',
        'x|"line\nend"|2',
        '1|again|3,00',
        '2|bad "quote"|4',
        '3|late|5,555',
        '4|=1+1|z',
      ];
      const job = await load(
        'items.csv',
        `id|note|price\n${rows.join('\n')}\n`,
        '--into',
        'items',
        '--spec',
        spec,
      );
      expect(job).toMatchObject({ successCount: 1, failedCount: 5 });
      const text = (await original(job.id)).toString();
      const lines = text.split('\n');
      expect(lines[0]).toBe('id|note|price|_line|_error');
      for (const row of rows.slice(1)) expect(text).toContain(`\n${row}|`);
      const fixed = text
        .replace('\nx|', '\n5|')
        .replace('\n1|again', '\n6|again')
        .replace('bad "quote"', 'good')
        .replace('5,555', '5,55');
      const child = await load('items.fixed.csv', fixed, '--fixes', job.id);
      expect(child).toMatchObject({ table: 'public.items', parent: job.id, successCount: 4, failedCount: 1 });

      // The report of the reference, with values of the remaining row and none of the dropped one.
      const report = (await csvjobs(url, 'errors', child.id)).stdout;
      expect(report).toMatch(/^rowNumber,id,note,price,error\n5,4,=1\+1,z,/);
      const last = await load(
        'errors.csv',
        report.replace(',z,', ',"9,5",'),
        '--fixes',
        child.id,
        '--delimiter',
        ',',
      );
      expect(last).toMatchObject({ successCount: 1, failedCount: 0 });
      const { rows: loaded } = await place.database.pool.query(
        'select id, note, price::text from items order by id',
      );
      expect(loaded).toEqual([
        { id: 1, note: 'a | b', price: '1.50' },
        { id: 2, note: 'good', price: '4.00' },
        { id: 3, note: 'late', price: '5.55' },
        { id: 4, note: '=1+1', price: '9.50' },
        { id: 5, note: 'line\nend', price: '2.00' },
        { id: 6, note: 'again', price: '3.00' },
      ]);
      expect((await jobOf(job.id)).chain).toMatchObject({ rows: 6, loaded: 1, fixed: 5, left: 0 });
    },
  );
});

describe('csvjobs fix', () => {
  const FILE = 'name,email,company\nAnn,ann@x.example,Acme\nBob,bob,Acme\nCy,"cy@x.example,Acme\n';
  const PROGRAM = join(import.meta.dirname, '../../packages/cli/bin/csvjobs.cjs');

  /** Runs `csvjobs fix` on a pseudo-terminal with a shell script as the editor; its temporary files are in a test folder. */
  async function fix(id: string, script: string, address = url) {
    const editor = join(place.folder, 'my editor.sh');
    const tmp = join(place.folder, 'tmp');
    if (!existsSync(tmp)) mkdirSync(tmp);
    writeFileSync(editor, `#!/bin/sh\n${script}`);
    chmodSync(editor, 0o755);
    const environment = {
      PATH: process.env.PATH ?? '',
      HOME: place.folder,
      TMPDIR: tmp,
      TERM: 'xterm-256color',
      CSVJOBS_URL: address,
      CSVJOBS_PROGRESS: 'plain',
      VISUAL: `'${editor}' --wait`,
      EDITOR: 'false',
    };
    const { ended } = startCommandOnTerminal(`${process.execPath} ${PROGRAM} fix ${id}`, {
      cwd: place.folder,
      env: environment,
    });
    const { code, stdout } = await ended;
    const kept = readdirSync(tmp).flatMap((folder) =>
      readdirSync(join(tmp, folder)).map((file) => join(tmp, folder, file)),
    );
    return { code, text: stdout.replaceAll('\r\n', '\n'), kept };
  }

  test(
    'opens the rejects, readable only by this user, uploads the saved ones, and reports the rest',
    LONG,
    async () => {
      const job = await load('list.csv', FILE);
      const { code, text, kept } = await fix(
        job.id.slice(0, 8),
        `[ "$1" = --wait ] || exit 9
       stat -c %a "$2" > mode; basename "$2" > name; cp "$2" seen
       sed -i 's/,bob,/,bob@x.example,/' "$2"`,
      );
      expect(code, text).toBe(3);
      expect(kept).toEqual([]);
      const read = (name: string) => readFileSync(join(place.folder, name), 'utf8');
      expect([read('mode'), read('name')]).toEqual(['600\n', 'list.fixed.csv\n']);
      expect(read('seen')).toMatch(
        /^name,email,company,_line,_error\nBob,bob,Acme,3,"email.*"\nCy,"cy@x.example,Acme,4,"/,
      );
      const next = /1 row left to fix: csvjobs fix ([\da-f]{8})/.exec(text)?.[1];
      const chain = (await jobOf(job.id)).chain;
      expect(chain).toMatchObject({ rows: 3, loaded: 1, fixed: 1, left: 1 });
      expect(chain?.jobs[0]).toMatch(new RegExp(`^${next}`));
      const last = await fix(next!, `sed -i 's/"cy/cy/' "$2"`);
      expect(last.code, last.text).toBe(0);
      expect((await jobOf(job.id)).chain).toMatchObject({ fixed: 2, left: 0 });
    },
  );

  test('uploads nothing unchanged or empty, and keeps what could not be uploaded', LONG, async () => {
    const job = await load('list.csv', FILE);
    const same = await fix(job.id, 'touch "$2"');
    expect([same.code, same.kept]).toEqual([0, []]);
    expect(same.text).toContain('The file was not changed: nothing is uploaded.');
    const emptied = await fix(job.id, `sed -i '2,$d' "$2"`);
    expect([emptied.code, emptied.kept]).toEqual([0, []]);
    expect(emptied.text).toContain('The file has no records: nothing is uploaded.');
    expect((await jobOf(job.id)).chain).toBeUndefined();

    const broken = await fix(job.id, `sed -i '1s/email/fax/' "$2"`);
    expect(broken.code).toBe(2);
    expect(broken.text).toContain('missing');
    const [file] = broken.kept;
    expect(broken.text).toContain(`csvjobs upload ${file} --fixes ${job.id.slice(0, 8)} --watch`);
    writeFileSync(
      file!,
      readFileSync(file!, 'utf8').replace('fax', 'email').replace(',bob,', ',b@x.example,'),
    );
    expect((await csvjobs(url, 'upload', file!, '--fixes', job.id.slice(0, 8))).code).toBe(0);

    const failed = await fix(job.id, 'exit 4');
    expect(failed.code).toBe(2);
    expect(failed.text).toMatch(/its exit code is 4[\s\S]*csvjobs fix [\da-f]{8} -o fixes\.csv/);
    expect(failed.kept).toEqual([file]);
  });
});

describe('what cannot be fixed', () => {
  test('is refused with the reason and the next command', LONG, async () => {
    const job = await load('good.csv', `name,email,company\nAnn,ann@x.example,Acme\n`);
    const file = join(place.folder, 'good.csv');
    for (const [id, why] of [
      [job.id, /has no rejected records/],
      ['00000000-0000-4000-8000-000000000000', /no such job/],
    ] as const) {
      const { code, stderr } = await csvjobs(url, 'upload', file, '--fixes', id);
      expect(code).toBe(2);
      expect(stderr).toMatch(why);
    }
    const { code, stderr } = await csvjobs(url, 'fix', job.id);
    expect(code).toBe(2);
    expect(stderr).toMatch(/no terminal[\s\S]*-o fixes\.csv/);
  });
});
