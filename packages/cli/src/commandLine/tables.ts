/** The commands about tables: list those that can be loaded into, and describe one. */
import type { Command } from 'commander';
import { usageError } from '../userError.js';
import { type Choose, examples } from './action.js';

export function addTables(program: Command, choose: Choose): void {
  program
    .command('tables')
    .description('list the tables that this token may load into')
    .addHelpText('after', examples('csvjobs tables', 'csvjobs tables --json', 'csvjobs tables --quiet'))
    .action((_options: object, command) =>
      choose(command, async (context) => (await import('../commands/tables.js')).tables(context)),
    );

  program
    .command('describe')
    .description('show the columns, keys and rules of a table, or the equivalent spec')
    .argument('<table>', 'its name as in SQL: orders, sales.orders, \'"My Table"\'')
    .option('--spec', 'print the spec (a Data Package resource) as YAML; with --json as JSON')
    .option('--yaml', 'print the full description of the table as YAML')
    .addHelpText(
      'after',
      examples(
        'csvjobs describe sales.orders',
        'csvjobs describe sales.orders --spec > orders.yaml',
        'csvjobs describe \'"Mixed"."Case"\' --json',
      ),
    )
    .action((name: string, { spec = false, yaml = false }: { spec?: boolean; yaml?: boolean }, command) =>
      choose(command, async (context) => {
        if (yaml && context.json)
          throw usageError('--yaml and --json cannot be used together', undefined, 'csvjobs describe --help');
        return (await import('../commands/describe.js')).describe(context, name, { spec, yaml });
      }),
    );
}
