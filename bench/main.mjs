/**
 * The benchmark: RAW (psql \copy), pgloader, the reference design and csvjobs over the same files, on one private
 * PostgreSQL, one after the other within each round, so that what else the machine does meets all of them alike.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as endToEnd from './contestants/endToEnd.mjs';
import * as limit from './contestants/limit.mjs';
import * as pgloader from './contestants/pgloader.mjs';
import * as pipeline from './contestants/pipeline.mjs';
import * as raw from './contestants/raw.mjs';
import * as reference from './contestants/reference.mjs';
import { KINDS, writeCsv, writeRawCsv } from './files.mjs';
import { measurePages } from './pages.mjs';
import { isInstalled } from './processes.mjs';
import { median, printTable, ratiosOf, summary } from './results.mjs';
import { countRows, emptyTables, RAW_JOB, startServer } from './server.mjs';

const CONTESTANTS = ['raw', 'limit', 'pipeline', 'oneLane', 'resumed', 'endToEnd', 'pgloader', 'reference'];
/** Those that run once for each number of --lanes. */
const WITH_LANES = ['limit', 'pipeline', 'endToEnd'];
/** What is measured beside the loading of files. */
const SECTIONS = ['pages'];
const HELP = `Usage: npm run bench -- [options]
  --rows N        records in each file (default 1000000)
  --runs N        rounds; the medians are told (default 3)
  --only A,B      only these kinds of file (${Object.keys(KINDS).join(', ')})
                  and contestants (${CONTESTANTS.join(', ')}); raw always runs;
                  ${SECTIONS.join(', ')}: the list of jobs, and no files where nothing else is named
  --lanes A,B     limit, pipeline and endToEnd once for each of these numbers of lanes, all in the same rounds, as
                  pipeline@A and so on, in place of once with the default
  --json          the result as JSON on standard output; what is under way goes to standard error
`;

const options = readOptions();
const say = (text) => process.stderr.write(`${text}\n`);

const server = await startServer();
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => server.close().finally(() => process.exit(signal === 'SIGINT' ? 130 : 143)));
try {
  const result = await measure();
  if (options.json) process.stdout.write(`${JSON.stringify(summary(result), null, 2)}\n`);
  else printTable(result, options.rows);
} finally {
  await server.close();
}

async function measure() {
  const { connection, folder } = server;
  const files = await writeFiles(folder);
  const times = {};
  const peaks = [];
  const contestants = options.contestants.filter(({ name }) => isReady(name));
  await recordLimits(contestants, files);
  for (let round = 1; round <= options.runs; round++) {
    for (const kind of options.kinds) {
      for (const contestant of contestants) {
        if (!takesPart(contestant.name, kind)) continue;
        await emptyTables(connection);
        const { seconds, restSeconds, peakRssMiB } = await runOne(contestant, kind, files);
        if (peakRssMiB !== undefined) peaks.push(peakRssMiB);
        const called = nameOf(contestant);
        note(times, kind, called, seconds);
        if (called === 'pipeline') note(times, kind, 'rest', restSeconds);
        const memory = peakRssMiB === undefined ? '' : `, ${Math.round(peakRssMiB)} MiB`;
        say(`round ${round} ${kind.padEnd(7)} ${called.padEnd(10)} ${seconds.toFixed(2)} s${memory}`);
      }
    }
  }
  return {
    times,
    ratios: ratiosOf(times),
    peakRssMiB: peaks.length === 0 ? undefined : Math.max(...peaks),
    apiP99ToIdle: await measureApi(contestants, files),
    pages: options.sections.includes('pages')
      ? await measurePages(server, { runs: options.runs, say })
      : undefined,
  };
}

/** As results tell it: `pipeline`, or `pipeline@2` for two lanes asked for. */
function nameOf({ name, lanes }) {
  return lanes === undefined ? name : `${name}@${lanes}`;
}

function note(times, kind, called, seconds) {
  times[kind] ??= {};
  times[kind][called] ??= [];
  times[kind][called].push(seconds);
}

/** What LIMIT needs is made once for each file, by a load that nobody times. */
async function recordLimits(contestants, files) {
  for (const [kind, file] of Object.entries(files)) {
    if (!contestants.some(({ name }) => name === 'limit' && takesPart(name, kind))) continue;
    say(`writing payloads: ${kind}`);
    await emptyTables(server.connection);
    file.recorded = await limit.record({ ...server, file: file.path, kind });
  }
}

/** One contestant over one file, from empty tables; checks that the tables then hold what they should. */
async function runOne({ name: contestant, lanes }, kind, files) {
  const { connection, folder } = server;
  const { path, raw: rawPath, recorded } = files[kind];
  const load = {
    raw: () => raw.load({ connection, rawFile: rawPath }),
    limit: () => limit.load({ connection, recorded, lanes }),
    pgloader: () => pgloader.load({ connection, folder, file: path }),
    reference: () => reference.load({ connection, file: path }),
    pipeline: () => pipeline.load({ connection, file: path, lanes }),
    oneLane: () => pipeline.load({ connection, file: path, lanes: 1 }),
    resumed: () => pipeline.load({ connection, file: path, resumed: true }),
    endToEnd: () => endToEnd.load({ daemon, file: path }),
  }[contestant];
  const twice = kind === 'again' && contestant !== 'raw';
  // The daemon runs only now: otherwise it would take up the jobs that the others make.
  const daemon = contestant === 'endToEnd' ? await endToEnd.startDaemon(server, lanes) : undefined;
  let result;
  try {
    if (twice) await load();
    result = await load();
    if (daemon !== undefined) result.peakRssMiB = daemon.peakRssMiB();
  } finally {
    await daemon?.close();
  }

  const found = await countRows(connection);
  const wanted = { good: options.rows, bad: 0 };
  if (contestant !== 'raw') Object.assign(wanted, expected(contestant, files[kind], twice));
  if (found.good !== wanted.good || found.bad !== wanted.bad)
    throw new Error(
      `${contestant}, ${kind}: ${found.good} customers and ${found.bad} rejects where ${wanted.good} and ${wanted.bad} were to be`,
    );
  return result;
}

/** What is to be in the tables after a file. pgloader knows no rule but the unique index, and writes its rejects to files. */
function expected(contestant, { good, invalid, repeated }, twice) {
  if (contestant === 'pgloader') return { good: good + invalid, bad: 0 };
  return { good, bad: invalid + repeated + (twice ? options.rows : 0) };
}

/**
 * How much slower the API answers while a job runs: the 99th percentiles of both, as a ratio; the rounds' median, for
 * each number of lanes that was asked for.
 */
async function measureApi(contestants, files) {
  const daemons = contestants.filter(({ name }) => name === 'endToEnd');
  const ratios = {};
  for (let round = 1; round <= options.runs; round++)
    for (const contestant of daemons) {
      const called = nameOf(contestant);
      ratios[called] ??= [];
      ratios[called].push(await measureApiOnce(files, contestant));
    }
  return Object.fromEntries(Object.entries(ratios).map(([called, all]) => [called, median(all)]));
}

async function measureApiOnce(files, contestant) {
  await emptyTables(server.connection);
  const daemon = await endToEnd.startDaemon(server, contestant.lanes);
  try {
    const idle = await endToEnd.apiP99(daemon, new Promise((resolve) => setTimeout(resolve, 3_000)));
    const busy = await endToEnd.apiP99(daemon, endToEnd.load({ daemon, file: Object.values(files)[0].path }));
    say(
      `${nameOf(contestant)}, API, 99th percentile: idle ${idle.toFixed(1)} ms, while a job runs ${busy.toFixed(1)} ms`,
    );
    return busy / idle;
  } finally {
    await daemon.close();
  }
}

async function writeFiles(folder) {
  const files = {};
  for (const kind of options.kinds) {
    const path = join(folder, `${kind}.csv`);
    const rawPath = join(folder, `${KINDS[kind].rawOf}.raw.csv`);
    say(`writing ${options.rows} records: ${kind}`);
    const counts = await writeCsv(path, kind, options.rows);
    if (!Object.values(files).some((file) => file.raw === rawPath))
      await writeRawCsv(rawPath, KINDS[kind].rawOf, options.rows, RAW_JOB);
    files[kind] = { path, raw: rawPath, ...counts };
  }
  return files;
}

/** pgloader and a resumed job matter for clean and dirty files; one lane for the clean one; a limit for what is loaded once. */
function takesPart(contestant, kind) {
  if (contestant === 'limit') return kind !== 'again';
  if (contestant === 'pgloader' || contestant === 'resumed') return kind === 'clean' || kind === 'dirty';
  if (contestant === 'oneLane') return kind === 'clean';
  return true;
}

function isReady(contestant) {
  const { needs } = { raw, pgloader }[contestant] ?? {};
  if (needs === undefined || isInstalled(needs.program)) return true;
  if (contestant === 'raw') throw new Error(`${needs.program} is not on the PATH: ${needs.hint}`);
  say(`${needs.program} is not on the PATH and is left out: ${needs.hint}`);
  return false;
}

function readOptions() {
  const { values } = parseArgs({
    options: {
      rows: { type: 'string', default: '1000000' },
      runs: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      lanes: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    process.exit(0);
  }
  const only = values.only.split(',').filter((name) => name !== '');
  const unknown = only.filter((name) => ![...Object.keys(KINDS), ...CONTESTANTS, ...SECTIONS].includes(name));
  if (unknown.length > 0) fail(`--only does not know ${unknown.join(', ')}`);
  const chosen = (all) =>
    only.some((name) => all.includes(name)) ? all.filter((name) => only.includes(name)) : all;
  const files = only.length === 0 || only.some((name) => !SECTIONS.includes(name));
  const lanes =
    values.lanes === '' ? [undefined] : values.lanes.split(',').map((each) => count('lanes', each));
  const names = files ? [...new Set(['raw', ...chosen(CONTESTANTS)])] : [];
  return {
    rows: count('rows', values.rows),
    runs: count('runs', values.runs),
    json: values.json,
    kinds: files ? chosen(Object.keys(KINDS)) : [],
    contestants: names.flatMap((name) =>
      WITH_LANES.includes(name) ? lanes.map((each) => ({ name, lanes: each })) : [{ name }],
    ),
    sections: SECTIONS.filter((name) => only.length === 0 || only.includes(name)),
  };
}

function count(name, text) {
  if (!/^[1-9]\d*$/.test(text)) fail(`--${name} is a whole number from 1 on, not ${text}`);
  return Number(text);
}

function fail(message) {
  process.stderr.write(`${message}\n\n${HELP}`);
  process.exit(2);
}
