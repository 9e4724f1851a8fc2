/**
 * The benchmark of other tables than customers: psql \copy of the good rows, the limit, \copy that skips what it cannot
 * read, and csvjobs, over the same records, on one private PostgreSQL, one after the other within each round.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { to } from 'pg-copy-streams';
import * as endToEnd from '../contestants/endToEnd.mjs';
import * as pipeline from '../contestants/pipeline.mjs';
import { runJson, runTimed } from '../processes.mjs';
import { median } from '../results.mjs';
import { emptyTables, sql, startServer } from '../server.mjs';
import { TABLES } from './tables.mjs';
import { writeTableFiles } from './writeFiles.mjs';

const limitProgram = fileURLToPath(new URL('../contestants/limitRun.mjs', import.meta.url));
const CONTESTANTS = ['raw', 'limit', 'ignore', 'pipeline', 'endToEnd'];
/** Rows of a transaction of LIMIT: as many as the pipeline's batches have. */
const LIMIT_BATCH = 25_000;
const HELP = `Usage: npm run bench:tables -- [options]
  --rows N     records of the largest file (default 1000000); the others have a share of that
  --runs N     rounds; the medians are printed (default 3)
  --lanes A,B  csvjobs and the limit once with each of these numbers of lanes (default 2)
  --only A,B   only these tables (${Object.keys(TABLES).join(', ')})
               and contestants (${CONTESTANTS.join(', ')})
`;

const options = readOptions();
const say = (text) => process.stderr.write(`${text}\n`);
const server = await startServer();
const { connection, folder } = server;
try {
  for (const name of options.tables) await measureTable(name, TABLES[name]);
} finally {
  await server.close();
}

async function measureTable(name, { table, header, ddl, records, share }) {
  const rows = Math.round(options.rows * share);
  const files = await writeTableFiles(join(folder, name), header, records(rows));
  const times = {};
  const peaks = [];
  const setUp = async () => {
    await emptyTables(connection);
    await sql(connection, `drop schema if exists bench cascade; create schema bench; ${ddl}`, 'checkpoint');
  };
  const target = `bench.${table}`;
  const copy = (path, more) =>
    psql(`\\copy ${target} (${header.join(', ')}) from '${path}' (format csv, header${more})`);
  const contestants = {
    raw: files.good === 0 ? undefined : () => copy(files.goodPath, ''),
    // What breaks a constraint ends it: so it gets the good rows and those that cannot be read.
    ignore:
      files.unreadable === 0 || files.good === 0
        ? undefined
        : () => copy(files.readablePath, ', on_error ignore'),
    ...Object.fromEntries(
      options.lanes.flatMap((lanes) => [
        [`limit@${lanes}`, files.good === 0 ? undefined : () => limit(target, header, files, lanes)],
        [
          `pipeline@${lanes}`,
          () =>
            pipeline.load({ connection, file: files.path, lanes, into: { schema: 'bench', name: table } }),
        ],
        [`endToEnd@${lanes}`, () => throughDaemon(target, files.path, lanes)],
      ]),
    ),
  };
  for (let round = 1; round <= options.runs; round++)
    for (const [called, load] of Object.entries(contestants)) {
      if (load === undefined || !options.contestants.includes(called.split('@')[0])) continue;
      await setUp();
      if (called.startsWith('limit') && files.payloads === undefined) {
        files.payloads = await recordLimit(target, header, files, join(folder, `${name}.payloads`), copy);
        await setUp();
      }
      const { seconds, peakRssMiB } = await load();
      const [{ count }] = await sql(connection, `select count(*)::int from ${target}`);
      if (count !== files.good)
        throw new Error(`${name}, ${called}: ${count} rows where ${files.good} were to be`);
      times[called] ??= [];
      times[called].push(seconds);
      if (peakRssMiB !== undefined) peaks.push(peakRssMiB);
      say(
        `round ${round} ${name.padEnd(14)} ${called.padEnd(11)} ${seconds.toFixed(2)} s${peakRssMiB ? `, ${Math.round(peakRssMiB)} MiB` : ''}`,
      );
    }
  print(name, rows, files, times, peaks);
}

/** Seconds of a command in psql. */
async function psql(command) {
  const { host, port, user, database } = connection;
  const where = ['-h', host, '-p', String(port), '-U', user, '-d', database];
  return await runTimed('psql', [...where, '-qX', '-v', 'ON_ERROR_STOP=1', '-c', command]);
}

async function throughDaemon(table, file, lanes) {
  const daemon = await endToEnd.startDaemon(server, lanes, { TARGET_TABLES: 'bench.*' });
  try {
    const { seconds } = await endToEnd.load({ daemon, file, into: table });
    return { seconds, peakRssMiB: daemon.peakRssMiB() };
  } finally {
    await daemon.close();
  }
}

async function limit(table, header, { payloads }, lanes) {
  const statements = { target: `copy ${table} (${header.join(', ')}) from stdin (format binary)` };
  const task = {
    connection,
    lanes,
    id: '00000000-0000-4000-8000-000000000002',
    statements,
    skipForeignKeys: false,
  };
  return await runJson(limitProgram, { ...task, batches: payloads.map((target) => ({ target })) });
}

/** The good rows as binary COPY payloads, in the order of the file. */
async function recordLimit(table, header, { goodPath }, folderOf, copy) {
  await copy(goodPath, '');
  await mkdir(folderOf);
  const client = new pg.Client(connection);
  await client.connect();
  try {
    const paths = [];
    await client.query(`create table bench.numbered as select row_number() over (order by ctid) as bench_row, * from ${table};
      create index on bench.numbered (bench_row)`);
    for (let from = 0; ; from += LIMIT_BATCH) {
      const query = `select ${header.join(', ')} from bench.numbered where bench_row > ${from} and bench_row <= ${from + LIMIT_BATCH} order by bench_row`;
      const stream = client.query(to(`copy (${query}) to stdout (format binary)`));
      const payload = await buffer(stream);
      if (stream.rowCount === 0) return paths;
      paths.push(join(folderOf, `${paths.length}`));
      await writeFile(paths.at(-1), payload);
    }
  } finally {
    await client.end();
  }
}

function print(name, rows, { good }, times, peaks) {
  console.log(
    `\n${name}: ${rows} records, ${good} of them good\n\n| | seconds | × \\copy | µs a record | runs |\n|---|---|---|---|---|`,
  );
  const base = times.raw && median(times.raw);
  for (const [called, all] of Object.entries(times)) {
    const middle = median(all);
    const ratio = base === undefined ? '' : (middle / base).toFixed(2);
    const each = ((middle * 1e6) / rows).toFixed(2);
    console.log(
      `| ${called} | ${middle.toFixed(2)} | ${ratio} | ${each} | ${all.map((one) => one.toFixed(2)).join(' ')} |`,
    );
  }
  if (peaks.length > 0) console.log(`\npeak memory of csvjobs: ${Math.round(Math.max(...peaks))} MiB`);
}

function readOptions() {
  const text = (fallback) => ({ type: 'string', default: fallback });
  const { values } = parseArgs({
    options: {
      rows: text('1000000'),
      runs: text('3'),
      lanes: text('2'),
      only: text(''),
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const only = values.only.split(',').filter((each) => each !== '');
  const unknown = only.filter((each) => ![...Object.keys(TABLES), ...CONTESTANTS].includes(each));
  const numbers = [values.rows, values.runs, ...values.lanes.split(',')];
  if (unknown.length > 0 || !numbers.every((each) => /^[1-9]\d*$/.test(each))) {
    process.stderr.write(HELP);
    process.exit(2);
  }
  const chosen = (all) =>
    only.some((each) => all.includes(each)) ? all.filter((each) => only.includes(each)) : all;
  return {
    rows: Number(values.rows),
    runs: Number(values.runs),
    lanes: values.lanes.split(',').map(Number),
    tables: chosen(Object.keys(TABLES)),
    contestants: chosen(CONTESTANTS),
  };
}
