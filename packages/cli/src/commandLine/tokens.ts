/** `csvjobs token`: create, list, revoke. */
import { type Command, Option } from 'commander';
import { type Choose, examples } from './action.js';

export function addTokens(program: Command, choose: Choose): void {
  const token = program
    .command('token')
    .description("make, list and revoke the daemon's tokens")
    .helpCommand(false)
    .addHelpText(
      'before',
      examples(
        'csvjobs token create --name ci',
        'csvjobs token create --name dashboard --scope read',
        'csvjobs token list',
        'csvjobs token revoke ci',
      ),
    );
  token
    .command('create')
    .description('make a token and print it; it is not shown again')
    .requiredOption('--name <name>', 'what it is for: letters, digits and . _ -')
    .addOption(
      new Option(
        '--scope <scope>',
        'read: look; write: upload, cancel, retry too; admin: delete and tokens too',
      )
        .choices(['read', 'write', 'admin'])
        .default('write'),
    )
    .addHelpText(
      'before',
      examples(
        'csvjobs token create --name ci',
        'csvjobs token create --name dashboard --scope read',
        'CSVJOBS_TOKEN=$(csvjobs token create --name ci --quiet)',
      ),
    )
    .action((options: { name: string; scope: 'read' | 'write' | 'admin' }, command) =>
      choose(command, async (context) =>
        (await import('../commands/token.js')).createToken(context, options),
      ),
    );
  token
    .command('list')
    .description('list the tokens; the tokens themselves are not kept')
    .addHelpText('before', examples('csvjobs token list', 'csvjobs token list --json'))
    .action((_options: object, command) =>
      choose(command, async (context) => (await import('../commands/token.js')).listTokens(context)),
    );
  token
    .command('revoke')
    .description('take a token out of use, at once')
    .argument('<token>', 'its name, or its id')
    .addHelpText('before', examples('csvjobs token revoke ci'))
    .action((name: string, _options: object, command) =>
      choose(command, async (context) => (await import('../commands/token.js')).revokeToken(context, name)),
    );
}
