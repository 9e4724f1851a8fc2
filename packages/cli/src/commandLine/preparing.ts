/** The commands that prepare a load: sniff, map, create-table. No file is sent. */
import type { Command } from 'commander';
import type { DialectFlags } from '../config/dialectOptions.js';
import { type SpecFlags, withOptions } from '../config/specOptions.js';
import { type Choose, examples } from './action.js';
import { addDialect, addForms, addValues, dialectFlags, specFlags } from './dialectOptions.js';
import {
  assertOneTable,
  constant,
  delimiter,
  encoding,
  fallback,
  into,
  like,
  map,
  type ReadFlags,
  readAs,
  spec,
  strict,
  tableFile,
} from './options.js';

interface MapFlags extends ReadFlags, SpecFlags {
  into?: string;
  spec?: string;
  tableFile?: string;
  like?: string;
  output?: string;
  print?: boolean;
}

interface CreateTableFlags extends ReadFlags, DialectFlags {
  into: string;
  key?: string;
  exactNames?: boolean;
  apply?: boolean;
}

export function addPreparing(program: Command, choose: Choose): void {
  const sniffing = program
    .command('sniff')
    .description(
      'detect encoding, delimiter and columns of a file, and print the options for them; no file is sent',
    )
    .argument('<file>', 'CSV file; - is stdin')
    .addOption(encoding())
    .addOption(delimiter())
    .addHelpText(
      'after',
      examples(
        'csvjobs sniff customers.csv',
        'csvjobs sniff customers.csv --encoding windows-1251',
        'csvjobs sniff customers.csv --json | jq -r .source.encoding',
      ),
    )
    .action((file: string, options: ReadFlags & DialectFlags, command) =>
      choose(command, async (context) =>
        (await import('../commands/sniff.js')).sniff(context, file, readAs(options), dialectFlags(options)),
      ),
    );
  addForms(addDialect(sniffing));

  const mapping = program
    .command('map')
    .description(
      'choose on a screen which field fills which column, and save that as a spec; in a pipe, print one',
    )
    .argument('<file>', 'CSV file; - is stdin')
    .addOption(into('map for'))
    .addOption(tableFile('map for'))
    .addOption(spec())
    .addOption(map())
    .addOption(fallback())
    .addOption(constant())
    .addOption(like())
    .addOption(strict())
    .option('-o, --output <file>', 'save the spec here (default: <file>.spec.yaml)')
    .option('--print', 'print the best mapping as a spec, also on a terminal')
    .addOption(encoding())
    .addOption(delimiter())
    .addHelpText(
      'after',
      examples(
        'csvjobs map people.csv --into shop.people',
        'csvjobs map people.csv --into shop.people --print > people.yaml',
        'csvjobs map people-2027.csv --like 3f2a9c1e',
        'csvjobs map people.csv --into shop.people --json',
      ),
    )
    .action((file: string, options: MapFlags, command) =>
      choose(command, async (context) => {
        const { map } = await import('../commands/map.js');
        const { into, spec, tableFile, like, output, print = false } = options;
        assertOneTable(into, tableFile);
        const how = { specFlags: specFlags(options), readAs: readAs(options) };
        return map(context, file, { into, spec, tableFile, like, output, print, ...how });
      }),
    );
  addValues(addDialect(mapping));

  const createTable = program
    .command('create-table')
    .description('print a CREATE TABLE statement that fits all values of a file')
    .argument('<file>', 'CSV file; - is stdin')
    .requiredOption('--into <table>', 'name of the table, with or without its schema: sales.orders')
    .option('--key <columns>', 'columns of the primary key, separated by commas')
    .option('--exact-names', 'name columns exactly as the header does, in quotes where needed')
    .option('--apply', 'create the table (needs a token of scope admin)')
    .addOption(encoding())
    .addOption(delimiter())
    .addHelpText(
      'after',
      examples(
        'csvjobs create-table orders.csv --into sales.orders',
        'csvjobs create-table orders.csv --into sales.orders --key order_id --apply',
        'csvjobs create-table orders.csv --into sales.orders | psql shop',
        'csvjobs create-table bestellungen.csv --into sales.orders --decimal , --null k.A.',
      ),
    )
    .action((file: string, options: CreateTableFlags, command) =>
      choose(command, async (context) => {
        const { createTable } = await import('../commands/createTable.js');
        const { into, key, exactNames = false, apply = false } = options;
        const flags = dialectFlags(options);
        const how = { ...readAs(options), spec: withOptions(undefined, flags)?.bytes };
        return createTable(context, file, { into, key, exactNames, apply, flags, ...how });
      }),
    );
  addForms(addDialect(createTable));
}
