/** `csvjobs token`: creates, lists and revokes tokens. */
import { type Command, Option } from 'commander';
import { type Choose, examples } from './action.js';

interface CreateFlags {
  name: string;
  scope: 'read' | 'write' | 'admin';
  table?: string[];
}

export function addTokens(program: Command, choose: Choose): void {
  const token = program
    .command('token')
    .description("create, list and revoke the daemon's tokens")
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        'csvjobs token create --name ci',
        'csvjobs token create --name dashboard --scope read',
        'csvjobs token list',
        'csvjobs token revoke ci',
      ),
    );
  token
    .command('create')
    .description('create a token and print it; it is shown once')
    .requiredOption('--name <name>', 'name of the token: letters, digits and . _ -')
    .addOption(
      new Option(
        '--scope <scope>',
        'read: view; write: also upload, cancel and retry; admin: also delete, and manage tokens',
      )
        .choices(['read', 'write', 'admin'])
        .default('write'),
    )
    .option(
      '--table <pattern>',
      'limit the token to these tables and their jobs: schema.table, * for any characters (repeatable; default: all tables)',
      (pattern: string, others: string[] = []) => [...others, pattern],
    )
    .addHelpText(
      'after',
      examples(
        'csvjobs token create --name ci',
        'csvjobs token create --name dashboard --scope read',
        "csvjobs token create --name shop --table 'shop.*' --table public.customers",
        'CSVJOBS_TOKEN=$(csvjobs token create --name ci --quiet)',
      ),
    )
    .action(({ table, ...options }: CreateFlags, command) =>
      choose(command, async (context) =>
        (await import('../commands/token.js')).createToken(context, { ...options, tables: table }),
      ),
    );
  token
    .command('list')
    .description('list the tokens (names and scopes; the tokens are not stored)')
    .addHelpText('after', examples('csvjobs token list', 'csvjobs token list --json'))
    .action((_options: object, command) =>
      choose(command, async (context) => (await import('../commands/token.js')).listTokens(context)),
    );
  token
    .command('revoke')
    .description('revoke a token')
    .argument('<token>', 'its name or ID')
    .addHelpText('after', examples('csvjobs token revoke ci'))
    .action((name: string, _options: object, command) =>
      choose(command, async (context) => (await import('../commands/token.js')).revokeToken(context, name)),
    );
}
