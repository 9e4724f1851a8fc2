/** LIMIT in a process of its own; the task is its argument, the result its output, both JSON. */
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { readConfig } from '../../packages/daemon/dist/config.js';
import { copyIn } from '../../packages/daemon/dist/sql/copy.js';

/** How the rows of each table go in, where the task does not say. */
const COPY = {
  customers:
    'copy customers (id, job_id, row_number, name, email, phone, company) from stdin (format binary)',
  job_errors:
    'copy job_errors (job_id, row_number, line, column_name, code, message, row) from stdin (format binary)',
};

const {
  connection,
  id,
  batches,
  lanes,
  statements = COPY,
  skipForeignKeys = true,
} = JSON.parse(process.argv[2]);
const count = lanes ?? readConfig({ DATA_DIR: '/nowhere' }).WORKER_LANES;
const clients = await Promise.all(Array.from({ length: count }, connected));
await clients[0].query(
  `insert into jobs (id, filename, status, size_bytes, sha256) values ($1, 'limit', 'completed', 0, '')`,
  [id],
);
const ready = [];
for (const batch of batches) {
  const payloads = [];
  for (const [table, path] of Object.entries(batch)) payloads.push([statements[table], await readFile(path)]);
  ready.push(payloads);
}

/** As the pipeline's lanes: into customers without the trigger of the foreign key to jobs. */
async function connected() {
  const client = new pg.Client(connection);
  await client.connect();
  if (skipForeignKeys) await client.query('set session_replication_role = replica');
  return client;
}

/** The next batch that nobody has taken, until there is none; commits in whatever order they come. */
async function work(client) {
  for (let payloads = ready.shift(); payloads; payloads = ready.shift()) {
    await client.query('begin');
    for (const [statement, payload] of payloads) await copyIn(client, statement, payload);
    await client.query('commit');
  }
}

const started = performance.now();
await Promise.all(clients.map(work));
const seconds = (performance.now() - started) / 1000;
await Promise.all(clients.map((client) => client.end()));
process.stdout.write(JSON.stringify({ seconds }));
