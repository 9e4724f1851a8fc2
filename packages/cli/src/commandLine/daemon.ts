/** `csvjobs daemon`: runs the daemon in the foreground, or starts, stops and inspects it in the background. */
import { type Command, Option } from 'commander';
import { clean } from '../text/text.js';
import { usageError } from '../userError.js';
import { type Choose, examples } from './action.js';
import { commandsOf } from './fault.js';
import { durationText, milliseconds, wholeNumber } from './options.js';

export function addDaemon(program: Command, choose: Choose): void {
  const daemon = program
    .command('daemon')
    .description('run the daemon in the foreground, or start, stop and inspect it in the background')
    .addHelpText(
      'after',
      examples(
        'csvjobs daemon start',
        'csvjobs daemon status',
        'csvjobs daemon logs -f',
        'csvjobs daemon stop',
      ),
    )
    .action((_options: object, command: Command) => {
      const [unknown] = command.args;
      if (unknown !== undefined)
        throw usageError(
          `Unknown command 'daemon ${clean(unknown)}'`,
          `its commands are ${commandsOf(command)}`,
          'csvjobs daemon --help',
        );
      choose(command, async (context) => (await import('../commands/daemon/run.js')).runDaemon(context));
    });
  const wait = (seconds: string) =>
    new Option('--timeout <time>', 'how long to wait').default(seconds).argParser(durationText);
  daemon
    .command('start')
    .description('start the daemon in the background; returns when it is ready')
    .addOption(wait('2m'))
    .addHelpText(
      'after',
      examples('csvjobs daemon start', 'CSVJOBS_URL=http://127.0.0.1:4001 csvjobs daemon start'),
    )
    .action(({ timeout: time }: { timeout: string }, command) =>
      choose(command, async (context) =>
        (await import('../commands/daemon/start.js')).startDaemon(context, { timeout: milliseconds(time) }),
      ),
    );
  daemon
    .command('stop')
    .description('stop the background daemon and wait for it to exit')
    .addOption(wait('60s'))
    .addHelpText('after', examples('csvjobs daemon stop', 'csvjobs daemon stop --timeout 5m'))
    .action(({ timeout: time }: { timeout: string }, command) =>
      choose(command, async (context) =>
        (await import('../commands/daemon/stop.js')).stopDaemon(context, { timeout: milliseconds(time) }),
      ),
    );
  daemon
    .command('restart')
    .description(
      'restart the background daemon, or start it, with the environment of this shell; returns when it is ready',
    )
    .addOption(wait('2m'))
    .addHelpText('after', examples('csvjobs daemon restart'))
    .action(({ timeout: time }: { timeout: string }, command) =>
      choose(command, async (context) =>
        (await import('../commands/daemon/restart.js')).restartDaemon(context, {
          timeout: milliseconds(time),
        }),
      ),
    );
  daemon
    .command('status')
    .description('show whether the daemon responds and is ready; exit 6 if not')
    .addHelpText('after', examples('csvjobs daemon status', 'csvjobs daemon status --quiet && echo ready'))
    .action((_options: object, command) =>
      choose(command, async (context) =>
        (await import('../commands/daemon/status.js')).daemonStatus(context),
      ),
    );
  daemon
    .command('logs')
    .description("print the background daemon's log")
    .option('-f, --follow', 'follow the log')
    .option('-n, --lines <n>', 'number of lines to show', wholeNumber, 200)
    .addHelpText(
      'after',
      examples('csvjobs daemon logs', 'csvjobs daemon logs -f', 'csvjobs daemon logs -n 20'),
    )
    .action(({ follow = false, lines }: { follow?: boolean; lines: number }, command) =>
      choose(command, async (context) =>
        (await import('../commands/daemon/logs.js')).daemonLogs(context, { follow, lines }),
      ),
    );
  // For the action above. Set at the end, because commands that are added later would inherit it.
  daemon.allowExcessArguments();
}
