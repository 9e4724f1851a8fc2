/**
 * The tables of the benchmark and their files, made from a seed. Each has what makes it (`ddl`), the header of its file,
 * and its records one by one: `what` says whether a record is good, or which of the table's rules it breaks.
 */
import { generator } from '../files.mjs';

const INSTRUCTIONS = ['DELIVER IN PERSON', 'COLLECT COD', 'NONE', 'TAKE BACK RETURN'];
const MODES = ['TRUCK', 'MAIL', 'SHIP', 'AIR', 'REG AIR', 'RAIL', 'FOB'];
const SUPPLIERS = 10_000;

const LINEITEM = `
  l_orderkey bigint not null, l_partkey integer not null, l_suppkey integer not null, l_linenumber integer not null,
  l_quantity numeric(12,2) not null, l_extendedprice numeric(12,2) not null, l_discount numeric(4,2) not null,
  l_tax numeric(4,2) not null, l_returnflag char(1) not null, l_linestatus char(1) not null, l_shipdate date not null,
  l_commitdate date not null, l_receiptdate date not null, l_shipinstruct varchar(25) not null,
  l_shipmode varchar(10) not null, l_comment varchar(44) not null, primary key (l_orderkey, l_linenumber)`;

const LINEITEM_HEADER = [...LINEITEM.matchAll(/(l_\w+) \w/g)].map(([, name]) => name);

/** As in TPC-H: 16 columns, 120 bytes a record, keys in rising order. */
function* lineitems(rows, { bad = 0, check = 0, reference = 0, repeated = 0 } = {}) {
  const random = generator(20_260_102);
  const below = (limit) => Math.floor(random() * limit);
  const day = (number) => new Date(Date.UTC(1992, 0, 1 + number)).toISOString().slice(0, 10);
  let earlier;
  for (let i = 0; i < rows; i++) {
    const shipped = below(2_500);
    const fields = [
      (i >> 2) + 1,
      below(200_000) + 1,
      below(SUPPLIERS) + 1,
      (i & 3) + 1,
      below(50) + 1,
      (below(10_000_000) / 100).toFixed(2),
      `0.0${below(10)}`,
      `0.0${below(9)}`,
      'RAN'[below(3)],
      'OF'[below(2)],
      day(shipped),
      day(shipped + below(60)),
      day(shipped + below(30)),
      INSTRUCTIONS[below(4)],
      MODES[below(7)],
      `furiously even deposits ${below(1_000_000)} sleep`,
    ];
    const fate = random();
    let what = 'good';
    if (fate < bad) {
      what = 'bad';
      if (fate < bad / 2) fields[4] = 'a few';
      else fields[10] = '31/12/1995';
    } else if (fate < bad + check) {
      what = 'check';
      fields[4] = 0;
    } else if (fate < bad + check + reference) {
      what = 'reference';
      fields[2] = SUPPLIERS + 1 + below(1_000);
    } else if (fate < bad + check + reference + repeated && earlier !== undefined) {
      what = 'repeated';
      [fields[0], fields[3]] = earlier;
    } else if (below(1_000) === 0 || earlier === undefined) {
      earlier = [fields[0], fields[3]];
    }
    yield { record: fields.join(','), what };
  }
}

const MIXED = [
  ['integer', (random) => Math.floor(random() * 1e6)],
  ['numeric(10,2)', (random) => (random() * 1e6).toFixed(2)],
  ['text', (random) => `word ${Math.floor(random() * 1e6).toString(36)}`],
  [
    'date',
    (random) => new Date(Date.UTC(2000, 0, 1 + Math.floor(random() * 9_000))).toISOString().slice(0, 10),
  ],
  ['boolean', (random) => (random() < 0.5 ? 't' : 'f')],
];
const WIDE_COLUMNS = 200;

function* wide(rows) {
  const random = generator(20_260_103);
  for (let i = 0; i < rows; i++) {
    const fields = Array.from({ length: WIDE_COLUMNS }, (_, at) =>
      at === 0 ? i + 1 : MIXED[at % MIXED.length][1](random),
    );
    yield { record: fields.join(','), what: 'good' };
  }
}

function* orders(rows) {
  const random = generator(20_260_104);
  for (let i = 0; i < rows; i++) {
    const fields = [
      i + 1,
      Math.floor(random() * 1_000) + 1,
      Math.floor(random() * 1_000) + 1,
      (random() * 1e4).toFixed(2),
      new Date(Date.UTC(2020, 0, 1 + Math.floor(random() * 2_000))).toISOString().slice(0, 10),
      `note ${Math.floor(random() * 1e6)}`,
    ];
    yield { record: fields.join(','), what: 'good' };
  }
}

const ORDERS = `
  create table bench.parties (id integer primary key);
  insert into bench.parties select generate_series(1, 1000);
  create table bench.orders (
    id integer primary key, customer_id integer not null references bench.parties, seller_id integer not null references bench.parties,
    amount numeric(10,2) not null, ordered_on date not null, note text, changed_at timestamptz
  );`;
const ORDERS_HEADER = ['id', 'customer_id', 'seller_id', 'amount', 'ordered_on', 'note'];

/** `rows` is how many records a file has, as a share of --rows. */
export const TABLES = {
  lineitem: {
    table: 'lineitem',
    header: LINEITEM_HEADER,
    ddl: `create table bench.lineitem (${LINEITEM});`,
    records: (rows) => lineitems(rows),
    share: 1,
  },
  lineitemDirty: {
    table: 'lineitem',
    header: LINEITEM_HEADER,
    ddl: `create table bench.supplier (id integer primary key); insert into bench.supplier select generate_series(1, ${SUPPLIERS});
      create table bench.lineitem (${LINEITEM}, check (l_quantity > 0), foreign key (l_suppkey) references bench.supplier);`,
    records: (rows) => lineitems(rows, { bad: 0.02, check: 0.01, reference: 0.01, repeated: 0.02 }),
    share: 1,
  },
  wide200: {
    table: 'wide',
    header: Array.from({ length: WIDE_COLUMNS }, (_, at) => `c${at}`),
    ddl: `create table bench.wide (${Array.from(
      { length: WIDE_COLUMNS },
      (_, at) => `c${at} ${at === 0 ? 'integer primary key' : MIXED[at % MIXED.length][0]}`,
    ).join(', ')});`,
    records: wide,
    share: 0.1,
  },
  indexed: {
    table: 'orders',
    header: ORDERS_HEADER,
    ddl: `${ORDERS}
      create index on bench.orders (customer_id); create index on bench.orders (ordered_on); create index on bench.orders (amount);
      create function bench.touch() returns trigger language plpgsql as $$ begin new.changed_at := now(); return new; end $$;
      create trigger touch before insert on bench.orders for each row execute function bench.touch();`,
    records: orders,
    share: 0.5,
  },
  refused: {
    table: 'orders',
    header: ORDERS_HEADER,
    ddl: `${ORDERS}
      create function bench.refuse() returns trigger language plpgsql as $$ begin raise exception 'closed'; end $$;
      create trigger refuse before insert on bench.orders for each row execute function bench.refuse();`,
    records: function* (rows) {
      for (const { record } of orders(rows)) yield { record, what: 'bad' };
    },
    share: 0.1,
  },
};
