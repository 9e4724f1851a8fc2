/** How the commands that each document shows are run: what they need before, and the exit code that they promise. */
import { readFileSync } from 'node:fs';

export interface Shown {
  /** The command, as in the document. */
  command: string;
  /** Its exit code; 0 by default. */
  code?: number;
  /** SQL and shell that create what the document assumes at this place. */
  sql?: string;
  shell?: string;
  /** What runs in its place, because a pipe is not a terminal. */
  instead?: string;
  /** The sample ID that the document uses from here on for the job that this command, or `shell`, uploads. */
  id?: string;
  /** Why no test runs it. */
  notRun?: string;
}

export interface Page {
  /** Tables that the page assumes; the schemas public, shop and sales are empty before. */
  sql?: string;
  shell?: string;
  commands: Shown[];
}

const NEEDS_TERMINAL = 'needs a terminal; the recordings and docs/walks show it';
const INSTALLS = 'installs packages; e2e/test/packages.test.ts does so';
const INSTALLS_ALL = 'installs Node modules and starts servers of its own';
const DAEMON = 'starts or stops a daemon of this machine; e2e/test/lifecycle.test.ts does so';
const MIGRATES =
  'takes the tables from a running daemon; packages/daemon/test/sql/migrations.test.ts does so';
const RESTORES = 'needs a stopped daemon and a second database; e2e/test/restore.test.ts does so';
const SETTING = 'a setting of the daemon, which the test has started with its own';

const ORDERS = `create table sales.orders (id integer primary key, product text not null, quantity integer not null,
  price numeric(8, 2) not null, ordered_on date not null)`;
const ORDERS_FILE = `{ echo id,product,quantity,price,ordered_on; seq -f '%g,Tea,1,2.50,2026-11-02' 200; } > orders.csv`;
const PEOPLE_FILE = `printf 'name,email,phone,company\\nAda,ada@x.example,,Acme\\nBob,bob@x.example,,Acme\\n' > customers.csv`;

/** The table and the file of docs/modes.md, "What an update does". */
const PRICES = `create table shop.prices (sku text primary key, price numeric(8, 2) check (price > 0), note text,
  stock integer not null default 0);
  insert into shop.prices values ('a1', 5, 'sale', 7), ('a2', 8, null, 3), ('a9', 3, null, 0)`;
const PRICES_FILE = `printf 'sku,price,note\\na1,6.00,\\na2,8.00,\\na3,9.00,new\\na3,9.50,\\n' > prices.csv`;
const PRICES_AGAIN = `drop table if exists shop.prices; ${PRICES}`;

/** A delivery as after eight attempts in 24 hours, of the newest job. */
const DELIVERY_FAILED = `insert into webhook_deliveries
  (event_id, type, endpoint, job_id, job, status, attempts, last_attempt_at, ended_at, http_status)
  select gen_random_uuid(), type, endpoint, job_id, job, 'failed', 8, now(), now(), 503
  from webhook_deliveries where job_id is not null order by created_at desc limit 1`;

/** The first block of code in a language. */
function blockOf(document: string, language: string): string {
  const text = readFileSync(new URL(`../../${document}`, import.meta.url), 'utf8');
  return new RegExp(`\`\`\`${language}\\n([^]*?)\`\`\``).exec(text)![1]!;
}

export const PAGES: Record<string, Page> = {
  'README.md': {
    shell: 'cp -r "$REPOSITORY/examples" .',
    commands: [
      { command: 'npm run quickstart', notRun: INSTALLS_ALL },
      { command: 'npm test', notRun: 'runs this test' },
      { command: 'npm install --global csvjobs', notRun: INSTALLS },
      { command: 'npm install --global @csvjobs/daemon', notRun: INSTALLS },
      { command: 'npx csvjobs --help' },
      { command: 'npm run setup', notRun: INSTALLS },
      { command: 'export DATABASE_URL=postgres://localhost/shop', notRun: SETTING },
      { command: "export TARGET_TABLES='public.*'", notRun: SETTING },
      { command: 'psql "$DATABASE_URL" -f examples/orders.sql' },
      { command: 'npx csvjobs daemon start', notRun: DAEMON },
      { command: 'npx csvjobs upload examples/orders.csv --into orders --watch', code: 3, id: '<id>' },
      { command: 'npx csvjobs list' },
      { command: 'npx csvjobs errors <id> > errors.csv' },
      { command: 'npx csvjobs fix <id>', notRun: NEEDS_TERMINAL },
      { command: 'npx csvjobs daemon stop', notRun: DAEMON },
      {
        command: 'npx csvjobs preview examples/orders.csv --into orders --rows 3',
        sql: 'truncate orders',
        code: 3,
      },
      { command: 'npx csvjobs upload examples/orders.csv --into orders --dry-run --watch', code: 3 },
      {
        command: 'npx csvjobs upload examples/orders.csv --into orders --atomic --max-errors 10% --watch',
        code: 7,
      },
      { command: 'npx csvjobs load @last:completed --watch', code: 3 },
      { command: 'npx csvjobs undo @last --yes' },
      {
        command: 'npx csvjobs upload examples/orders.csv --into orders --on-conflict update --watch',
        code: 3,
      },
    ],
  },
  'docs/getting-started.md': {
    shell: 'cp -r "$REPOSITORY/examples" .',
    commands: [
      { command: 'npm run setup', notRun: INSTALLS },
      { command: 'npx csvjobs daemon start', notRun: DAEMON },
      { command: 'npx csvjobs create-table examples/orders.csv --into orders' },
      {
        command: 'psql -h ~/.local/share/csvjobs/run -U postgres csv_app -f examples/orders.sql',
        instead: 'psql "$DATABASE_URL" -f examples/orders.sql',
      },
      { command: 'npx csvjobs upload examples/orders.csv --into orders --watch', code: 3, id: '<id>' },
      { command: 'npx csvjobs list' },
      { command: 'npx csvjobs errors <id>' },
      { command: 'npx csvjobs fix <id>', notRun: NEEDS_TERMINAL },
      { command: 'npx csvjobs show <id>' },
    ],
  },
  'docs/files.md': {
    commands: [
      {
        command: 'csvjobs sniff sap.csv',
        shell: `printf 'sep=;\\r\\nKundennummer;Name;Firma;E-Mail;Telefon\\r\\n4711;J\\374rgen Gr\\366\\337e;M\\374ller GmbH;jg@s26.example;030 1\\r\\n' > sap.csv`,
      },
      {
        command: 'csvjobs upload brevo.csv --watch --default company=Unknown',
        shell: `printf 'CONTACT ID,EMAIL,FIRSTNAME,LASTNAME,SMS,EXT_ID\\n1,ada@brevo.example,Ada,Lovelace,,\\n' > brevo.csv`,
      },
      {
        command: 'csvjobs errors <id> --original > fixes.csv',
        sql: 'create table numbers (n integer)',
        shell: `printf 'n\\n1\\n2\\nx\\ny\\nz\\n' > n.csv; csvjobs upload n.csv --into numbers --watch || true`,
        id: '<id>',
      },
      {
        command: 'csvjobs upload fixes.csv --fixes <id> --watch',
        shell: `sed -i 's/^x/3/; s/^y/4/' fixes.csv`,
        code: 3,
      },
      { command: 'csvjobs show <id>' },
    ],
  },
  'docs/modes.md': {
    sql: `${PRICES}; ${ORDERS}`,
    shell: `${PRICES_FILE}; ${ORDERS_FILE}`,
    commands: [
      { command: 'csvjobs upload prices.csv --into shop.prices --on-conflict update --key sku --watch' },
      { command: 'csvjobs upload orders.csv --into sales.orders --atomic --max-errors 1% --watch' },
      {
        command: 'csvjobs upload prices.csv --into shop.prices --replace --max-removed 1 --watch',
        instead: 'csvjobs upload prices.csv --into shop.prices --replace --max-removed 1 --watch --yes',
        sql: PRICES_AGAIN,
      },
      {
        command: 'csvjobs upload prices.csv --into shop.prices --on-conflict update --hold --watch',
        sql: PRICES_AGAIN,
        shell: `printf 'sku,price,note\\na1,6.00,\\na2,8.00,\\na3,9.00,new\\na4,-1,\\n' > prices.csv`,
        code: 3,
        id: '4973ce4f',
      },
      { command: 'csvjobs accept 4973ce4f', code: 3 },
      {
        command: 'csvjobs preview prices.csv --into prices --on-conflict update',
        sql: `create table prices (sku text primary key, price numeric(8, 2), note text);
          insert into prices values ('a1', 5, 'sale'), ('a2', 8, null)`,
        shell: `printf 'sku,price,note\\na1,6.00,\\na2,8.00,\\na3,9.50,new\\na4,cheap,\\n' > prices.csv`,
        code: 3,
      },
      {
        command: 'csvjobs preview prices.csv --into shop.prices --replace',
        sql: PRICES_AGAIN,
        shell: `printf 'sku,price,note\\na1,6.00,\\na2,8.00,\\na3,9.50,new\\n' > prices.csv`,
        code: 7,
      },
      {
        command: 'csvjobs upload orders.csv --into sales.orders --dry-run --watch',
        sql: 'truncate sales.orders',
        id: '3f2a9c1e',
      },
      { command: 'csvjobs errors 3f2a9c1e --summary' },
      { command: 'csvjobs load 3f2a9c1e --watch', id: '3f2a9c1e' },
    ],
  },
  'docs/undo.md': {
    sql: 'create table shop.prices (sku text primary key, price numeric(8, 2), note text)',
    commands: [
      {
        command: 'csvjobs upload prices.csv --into shop.prices --on-conflict update --watch',
        sql: "insert into shop.prices values ('a1', 5, 'sale'), ('a2', 8, null)",
        shell: `printf 'sku,price,note\\na1,6.00,\\na2,8.00,\\na3,9.00,new\\na4,1.00,new\\n' > prices.csv`,
        id: '9137ec35',
      },
      { command: 'csvjobs rows 9137ec35', sql: "update shop.prices set price = 9.90 where sku = 'a3'" },
      { command: 'csvjobs undo 9137ec35 --dry-run' },
      { command: 'csvjobs undo 9137ec35 --yes' },
      { command: `psql "$DATABASE_URL" -Atc 'select sku, price from shop.prices order by sku'` },
      {
        command: 'csvjobs undo 3f2a9c1e --yes',
        notRun: 'e2e/test/undo.test.ts undoes two jobs in this order',
      },
      {
        command: 'csvjobs undo 5b0c77d2 --yes',
        shell: `csvjobs upload prices.csv --into shop.prices --replace --max-removed 100% --yes --watch
          psql "$DATABASE_URL" -c 'alter table shop.prices alter column price type numeric'
          psql "$DATABASE_URL" -c "alter table shop.prices add loaded_at timestamptz default clock_timestamp()"`,
        id: '5b0c77d2',
        code: 2,
      },
      {
        command: 'csvjobs rows 9137ec35 --with-ids',
        sql: `create table prices (sku text primary key, price numeric(8, 2), note text);
          insert into prices values ('a1', 5, 'sale')`,
        shell: `printf 'sku,price,note\\na1,6.00,\\na2,8.00,\\n' > prices.csv
          csvjobs upload prices.csv --into prices --on-conflict update --watch
          psql "$DATABASE_URL" -c "update prices set note = 'mine' where sku = 'a1'; delete from prices where sku = 'a2'"`,
        id: '9137ec35',
      },
    ],
  },
  'docs/pipelines.md': {
    sql: ORDERS,
    shell: `mkdir data; ${PEOPLE_FILE}; mv customers.csv data`,
    commands: [
      { command: 'csvjobs check data/*.csv --max-errors 1%' },
      {
        command: 'csvjobs upload data/customers.csv --watch --timeout 30m --max-errors 1% > job-id',
      },
      { command: 'csvjobs errors "$(cat job-id)" -o errors.csv' },
      {
        command: 'csvjobs upload data/customers.csv --watch --timeout 30m --junit junit.xml > job-id',
        sql: 'truncate customers',
      },
      { command: 'csvjobs errors "$(cat job-id)" -o errors.csv' },
      { command: 'csvjobs describe sales.orders --json > orders.table.json' },
      {
        command: 'csvjobs check data/*.csv --table-file orders.table.json --max-errors 1%',
        shell: `rm data/*; ${ORDERS_FILE}; mv orders.csv data`,
      },
    ],
  },
  'docs/cli.md': {
    sql: ORDERS,
    shell: `${PEOPLE_FILE}; ${ORDERS_FILE}`,
    commands: [
      { command: 'csvjobs daemon start', notRun: DAEMON },
      { command: 'csvjobs upload customers.csv --watch', id: '50d0cb3c' },
      { command: 'csvjobs errors 50d0cb3c -o errors.csv' },
      { command: 'csvjobs describe sales.orders --json > orders.table.json' },
      { command: 'csvjobs check orders.csv --table-file orders.table.json' },
    ],
  },
  'docs/mapping.md': {
    sql: 'create table shop.vans (plate text primary key, seats integer not null)',
    shell: `printf 'Plate,Number of seats\nB-1,3\n' > vans.csv`,
    commands: [
      { command: 'csvjobs map vans.csv --into shop.vans', notRun: NEEDS_TERMINAL },
      {
        command: 'csvjobs upload vans.csv --into shop.vans --spec vans.csv.spec.yaml --watch',
        shell: 'csvjobs map vans.csv --into shop.vans --print > vans.csv.spec.yaml',
        id: '3f2a9c1e',
      },
      { command: 'csvjobs map vans-2027.csv --like 3f2a9c1e', shell: 'cp vans.csv vans-2027.csv' },
      { command: 'csvjobs map vans.csv --into shop.vans --print > vans.yaml' },
      { command: 'csvjobs map vans.csv --into shop.vans --json' },
      {
        command: "csvjobs upload addresses.csv --watch --map 'name=First Name + Last Name | Company'",
        shell: `printf 'First Name,Last Name,Company,Email\nAda,Byron,Engine Works,ada@engine.example\n' > addresses.csv`,
      },
    ],
  },
  'docs/spec.md': {
    sql: `drop schema sales cascade; ${blockOf('docs/spec.md', 'sql')}`,
    shell: `cat > orders.csv <<'END'
${blockOf('docs/spec.md', 'csv')}END
cat > orders.yaml <<'END'
${blockOf('docs/spec.md', 'yaml')}END
csvjobs describe sales.orders --json > orders.table.json`,
    commands: [
      { command: 'csvjobs upload orders.csv --spec orders.yaml --watch', code: 3 },
      { command: 'csvjobs check orders.csv --spec orders.yaml --table-file orders.table.json', code: 3 },
    ],
  },
  'docs/terminal.md': {
    commands: [
      { command: 'mkdir -p ~/.local/share/bash-completion/completions ~/.config/fish/completions' },
      { command: 'csvjobs completion bash > ~/.local/share/bash-completion/completions/csvjobs' },
      {
        command: `csvjobs completion zsh > "\${fpath[1]}/_csvjobs"`,
        // Arrays of bash begin with 0.
        instead: `fpath=(. "$HOME"); csvjobs completion zsh > "\${fpath[1]}/_csvjobs"`,
      },
      { command: 'csvjobs completion fish > ~/.config/fish/completions/csvjobs.fish' },
      {
        command: 'csvjobs errors <Tab>',
        notRun: 'needs the Tab key; packages/cli/test/completion.test.ts sends what the scripts send',
      },
    ],
  },
  'docs/webhooks.md': {
    shell: PEOPLE_FILE,
    commands: [
      { command: 'echo "whsec_$(openssl rand -base64 32)"' },
      { command: 'csvjobs webhooks test' },
      { command: 'csvjobs webhooks list', shell: 'csvjobs upload customers.csv --watch' },
      { command: 'csvjobs webhooks list --status failed', sql: DELIVERY_FAILED },
      {
        command: 'csvjobs webhooks redeliver 7c1f2c39',
        shell: 'csvjobs webhooks list --status failed --quiet',
        id: '7c1f2c39',
      },
      { command: 'csvjobs webhooks redeliver --failed', sql: DELIVERY_FAILED },
    ],
  },
  'docs/operations.md': {
    commands: [
      { command: 'csvjobsd --check-config' },
      { command: "csvjobs token create --name ci --scope write --table 'sales.*'" },
      { command: 'csvjobs token list' },
      { command: 'csvjobs token revoke ci' },
      { command: 'csvjobsd migrate' },
      { command: 'csvjobsd migrate down', notRun: MIGRATES },
      { command: 'pg_dump "$DATABASE_URL" --format=custom --file=csvjobs.dump', notRun: RESTORES },
      { command: 'rsync -a "$UPLOAD_DIR"/ csvjobs.uploads/', notRun: RESTORES },
      {
        command: 'pg_restore --dbname "$DATABASE_URL" --exit-on-error csvjobs.dump',
        notRun: RESTORES,
      },
      { command: 'rsync -a csvjobs.uploads/ "$UPLOAD_DIR"/', notRun: RESTORES },
      { command: 'csvjobsd', notRun: DAEMON },
      { command: 'csvjobsd adopt-uploads', notRun: RESTORES },
    ],
  },
};

/** Documents whose commands this test does not run, and why. */
export const ELSEWHERE: Record<string, string> = {
  'CONTRIBUTING.md': 'builds and tests the whole project, as every change does',
  'docs/api.md': 'curl and tus-js-client; e2e/test/resumableDocs.test.ts runs the resumable uploads',
  'docs/docker.md': 'needs Docker; e2e/test/compose.test.ts and image.test.ts judge the same files',
  'docs/kubernetes.md': 'needs a cluster; e2e/test/kubernetes.test.ts judges the manifests',
  'docs/performance.md': 'benchmarks of many minutes',
};
