/**
 * The benchmark of the ways in which rows go in otherwise than as new ones: csvjobs over a table that has them, and what a person
 * would type into psql for the same, on one private PostgreSQL, one after the other within each round.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as pipeline from '../contestants/pipeline.mjs';
import * as raw from '../contestants/raw.mjs';
import { undo } from '../contestants/undo.mjs';
import { writeCsv, writeRawCsv } from '../files.mjs';
import { runTimed } from '../processes.mjs';
import { median } from '../results.mjs';
import { emptyTables, RAW_JOB, sql, startServer } from '../server.mjs';
import { endedChildrenSeconds, treeSeconds } from './cpu.mjs';
import { COLUMNS, DDL, writeProducts } from './product.mjs';

/** Each contestant with what it is compared with, and the goal for that ratio of wall-clock times on a quiet machine. */
const RATIOS = {
  unchanged: { of: 'baseline', goal: 0.5 },
  half: { of: 'baselineHalf', goal: 0.7 },
  skip: { of: 'baseline', goal: 0.7 },
  again: { of: 'raw', goal: 0.6 },
  dryRun: { of: 'plain', goal: 1.05 },
  atomic: { of: 'plain', goal: 1.05 },
  undo: { of: 'loaded', goal: 0.3 },
};
const CONTESTANTS = [...new Set(Object.entries(RATIOS).flatMap(([name, { of }]) => [of, name]))];
const HELP = `Usage: npm run bench:modes -- [options]
  --rows N     records in each file (default 1000000)
  --runs N     rounds; the medians are printed (default 3)
  --lanes N    lanes of csvjobs (default: what the daemon takes); plain, atomic and dryRun have one
  --only A,B   only these contestants (${CONTESTANTS.join(', ')}); what they are compared with runs too
  --json       the result as JSON on standard output
`;

const options = readOptions();
const say = (text) => process.stderr.write(`${text}\n`);
const server = await startServer();
const { connection, folder } = server;
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => server.close().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143)));
try {
  const times = await measure();
  if (options.json) process.stdout.write(`${JSON.stringify(ratiosOf(times), null, 2)}\n`);
  else print(times);
} finally {
  await server.close();
}

async function measure() {
  const files = await writeFiles();
  const contestants = contestantsWith(files);
  const [{ pid }] = await sql(
    connection,
    `select split_part(pg_read_file('postmaster.pid'), e'\\n', 1)::int as pid`,
  );
  const times = {};
  for (let round = 1; round <= options.runs; round++)
    for (const name of options.contestants) {
      const { known, load, check, prepare } = contestants[name];
      await emptyTables(connection);
      await makeProducts(known);
      const prepared = await prepare?.();
      const before = { postgres: treeSeconds(pid), clients: endedChildrenSeconds() };
      const { seconds, cpuSeconds } = await load(prepared);
      const postgres = treeSeconds(pid) - before.postgres;
      // A program in Node says itself what its start has not taken.
      const client = cpuSeconds ?? endedChildrenSeconds() - before.clients;
      await check();
      times[name] ??= [];
      times[name].push({ seconds, cpu: postgres + client, postgres });
      say(
        `round ${round} ${name.padEnd(12)} ${seconds.toFixed(2)} s, CPU ${(postgres + client).toFixed(2)} s, of that PostgreSQL ${postgres.toFixed(2)} s`,
      );
    }
  return times;
}

async function writeFiles() {
  const { rows } = options;
  say(`writing ${rows} records`);
  const path = (name) => join(folder, `${name}.csv`);
  const product = { path: path('product'), sum: await writeProducts(path('product'), rows) };
  const half = { path: path('half'), sum: await writeProducts(path('half'), rows, (i) => i % 2 === 1) };
  if (!options.contestants.includes('again')) return { product, half };
  await writeCsv(path('clean'), 'clean', rows);
  await writeRawCsv(path('raw'), 'clean', rows, RAW_JOB);
  return { product, half, customers: { path: path('clean'), raw: path('raw') } };
}

/** Makes the table, with the rows of `product` if the file's keys should be known, and vacuums it as a night's vacuum would. */
async function makeProducts(known) {
  const create = `drop schema if exists bench cascade; create schema bench; ${DDL}`;
  await sql(connection, create);
  if (known) await psql(`\\copy bench.product from '${join(folder, 'product.csv')}' (format csv, header)`);
  await sql(connection, 'vacuum (analyze) bench.product', 'checkpoint');
}

function contestantsWith({ product, half, customers }) {
  const { rows, lanes } = options;
  const none = { inserted: 0, updated: 0, unchanged: 0, skipped: 0 };
  /** csvjobs into the table of products. */
  const job = (file, csvjobs, counts, more = {}) => ({
    known: true,
    load: () =>
      pipeline.load({
        connection,
        file: file.path,
        lanes,
        into: { schema: 'bench', name: 'product' },
        csvjobs,
        ...more,
      }),
    check: async () => {
      await expectSum(csvjobs.dryRun ? 0 : csvjobs.mode === 'skip' ? product.sum : file.sum);
      await expectCounts({ ...none, ...counts });
    },
    ...(csvjobs.mode ? {} : { known: false }),
  });
  const baseline = (file) => ({
    known: true,
    load: () => psql(upsertScript(file.path)),
    check: () => expectSum(file.sum),
  });
  const oneLane = { lanes: 1 };
  const loaded = job(product, {}, { inserted: rows });
  return {
    baseline: baseline(product),
    baselineHalf: baseline(half),
    unchanged: job(product, { mode: 'update' }, { unchanged: rows }),
    half: job(half, { mode: 'update' }, { updated: rows >> 1, unchanged: rows - (rows >> 1) }),
    skip: job(half, { mode: 'skip' }, { skipped: rows }),
    raw: { load: () => raw.load({ connection, rawFile: customers.raw }), check: async () => {} },
    again: {
      // Vacuumed like the products. Otherwise autovacuum may start during the measured load, and PostgreSQL still writes pages of the first one.
      async prepare() {
        await pipeline.load({ connection, file: customers.path, lanes });
        await sql(connection, 'vacuum (analyze) customers', 'checkpoint');
      },
      load: () => pipeline.load({ connection, file: customers.path, lanes }),
      check: async () => {
        const [{ count }] = await sql(connection, 'select count(*)::int from job_errors');
        if (count !== rows) throw new Error(`again: ${count} rejects where ${rows} were to be`);
      },
    },
    loaded,
    undo: {
      known: false,
      prepare: loaded.load,
      load: ({ id }) => undo({ connection, id }),
      check: () => expectSum(0),
    },
    plain: job(product, {}, { inserted: rows }, oneLane),
    dryRun: job(product, { dryRun: true }, { inserted: rows }, oneLane),
    atomic: job(product, { atomic: true }, { inserted: rows }, oneLane),
  };
}

/** What one types where there is no csvjobs: a staging table, and one statement that leaves rows as they are which are the same. */
function upsertScript(path) {
  const others = COLUMNS.filter((name) => name !== 'id');
  const list = (prefix) => others.map((name) => `${prefix}${name}`).join(', ');
  return [
    'begin; create temporary table staging (like bench.product)',
    `\\copy staging from '${path}' (format csv, header)`,
    `insert into bench.product select * from staging on conflict (id) do update set (${list('')}) = row(${list('excluded.')})
       where row(${list('product.')}) is distinct from row(${list('excluded.')}); commit`,
  ];
}

/** Seconds of commands in one session of psql. */
async function psql(commands) {
  const { host, port, user, database } = connection;
  const where = ['-h', host, '-p', String(port), '-U', user, '-d', database];
  const all = [commands].flat().flatMap((command) => ['-c', command]);
  return await runTimed('psql', [...where, '-qX', '-v', 'ON_ERROR_STOP=1', ...all]);
}

async function expectSum(cents) {
  const [{ sum }] = await sql(
    connection,
    'select coalesce(sum(price * 100), 0)::float8 as sum from bench.product',
  );
  if (sum !== cents) throw new Error(`the prices in the table are ${sum} cents where ${cents} were to be`);
}

async function expectCounts(counts) {
  const [found] = await sql(
    connection,
    `select success_count - updated_count - unchanged_count as inserted, updated_count as updated,
       unchanged_count as unchanged, skipped_count as skipped from jobs where id <> '${RAW_JOB}'`,
  );
  for (const [name, count] of Object.entries(counts))
    if (Number(found[name]) !== count)
      throw new Error(`${found[name]} rows ${name} where ${count} were to be`);
}

function ratiosOf(times) {
  const each = (name) =>
    ['seconds', 'cpu', 'postgres'].map((what) => median(times[name].map((one) => one[what])));
  return Object.fromEntries(
    Object.entries(RATIOS)
      .filter(([name]) => times[name])
      .map(([name, { of, goal }]) => {
        const [seconds, cpu, postgres] = each(name).map((value, at) => value / each(of)[at]);
        return [`${name}To${of[0].toUpperCase()}${of.slice(1)}`, { seconds, cpu, postgres, goal }];
      }),
  );
}

function print(times) {
  console.log(`\n${options.rows} records, ${options.runs} rounds, medians\n`);
  console.log(
    '| | wall clock | CPU | CPU of PostgreSQL alone | goal (wall clock, quiet) |\n|---|---|---|---|---|',
  );
  for (const [name, { seconds, cpu, postgres, goal }] of Object.entries(ratiosOf(times)))
    console.log(
      `| ${name} | ${[seconds, cpu, postgres, goal].map((ratio) => ratio.toFixed(2)).join(' | ')} |`,
    );
}

function readOptions() {
  const text = (fallback) => ({ type: 'string', default: fallback });
  const { values } = parseArgs({
    options: {
      rows: text('1000000'),
      runs: text('3'),
      lanes: text(''),
      only: text(''),
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const only = values.only.split(',').filter((each) => each !== '');
  const numbers = [values.rows, values.runs, values.lanes || '1'];
  if (only.some((each) => !CONTESTANTS.includes(each)) || !numbers.every((each) => /^[1-9]\d*$/.test(each))) {
    process.stderr.write(HELP);
    process.exit(2);
  }
  const chosen = new Set(only.flatMap((name) => [name, ...(RATIOS[name] ? [RATIOS[name].of] : [])]));
  return {
    rows: Number(values.rows),
    runs: Number(values.runs),
    lanes: values.lanes === '' ? undefined : Number(values.lanes),
    json: values.json,
    contestants: CONTESTANTS.filter((name) => only.length === 0 || chosen.has(name)),
  };
}
