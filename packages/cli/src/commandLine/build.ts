/** The command line: commands, options, help. Each command's code is loaded when it runs. */
import { Command, Help, Option } from 'commander';
import { PROGRESS_MODES } from '../config/settings.js';
import { foldedFor } from '../text/fold.js';
import { version } from '../version.js';
import { addAbout, addCompletion, addHelp } from './about.js';
import { type Choose, examples } from './action.js';
import { addDaemon } from './daemon.js';
import { refuseEmptyValues } from './emptyValues.js';
import { addJobs } from './jobs.js';
import { addLoading } from './loading.js';
import { addPreparing } from './preparing.js';
import { addPreview } from './preview.js';
import { addTables } from './tables.js';
import { addTokens } from './tokens.js';
import { addWebhooks } from './webhooks.js';

export interface GlobalOptions {
  url?: string;
  profile?: string;
  /** Whether the profile may be one that does not exist yet. */
  newProfile?: boolean;
  color?: boolean;
  json?: boolean;
  quiet?: boolean;
  progress?: string;
  verbose?: boolean;
}

type HelpStream = NodeJS.WritableStream & Partial<Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>>;

/** Streams for help. */
interface Streams {
  stdout: HelpStream;
  stderr: HelpStream;
}

/** Builds the program, which calls `choose` with the selected command and its action. */
export function buildProgram({ stdout, stderr }: Streams, choose: Choose): Command {
  const program = new Command('csvjobs')
    .description('Uploads CSV files to a csvjobs daemon, watches them load, fetches what was rejected.')
    .version(version(), '-V, --version', 'print the version')
    .option('--url <address>', "the daemon's address (CSVJOBS_URL; default http://127.0.0.1:4000)")
    .option('--profile <profile>', 'use this profile of your configuration file (CSVJOBS_PROFILE)')
    .option('--json', 'JSON on stdout (NDJSON where something is watched), errors as JSON on stderr')
    .option('-q, --quiet', 'print IDs only, no progress')
    .addOption(
      new Option('--progress <mode>', 'how progress is shown on stderr (CSVJOBS_PROGRESS)').choices(
        PROGRESS_MODES,
      ),
    )
    .option('--verbose', 'show the requests on stderr (without tokens)')
    .option('--no-color', 'no colour (NO_COLOR)')
    .configureHelp({ showGlobalOptions: true, formatHelp })
    .configureOutput({
      // Commander folds descriptions, but no examples.
      writeOut: (text) => stdout.write(foldedFor(stdout, text)),
      writeErr: (text) => stderr.write(foldedFor(stderr, text)),
      // printError prints errors, in the same form as all others.
      outputError: () => {},
    })
    .exitOverride()
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        'csvjobs upload customers.csv --watch    load a file and watch it',
        'csvjobs list                            list jobs',
        'csvjobs errors 3f2a9c1e > errors.csv    the rows that were rejected',
        'csvjobs daemon start                    a daemon on this machine',
        'csvjobs help exit-codes                 what the exit codes mean',
      ),
    );

  program.commandsGroup('Files:');
  addLoading(program, choose);
  addPreview(program, choose);
  addPreparing(program, choose);
  program.commandsGroup('Jobs:');
  addJobs(program, choose);
  program.commandsGroup('Tables:');
  addTables(program, choose);
  program.commandsGroup('Daemon and access:');
  addDaemon(program, choose);
  addTokens(program, choose);
  addWebhooks(program, choose);
  program.commandsGroup('csvjobs itself:');
  addAbout(program, choose);
  addCompletion(program, choose);
  addHelp(program, stdout);
  refuseEmptyValues(program);
  return program;
}

/** In a command's help the global options are one line; the program's own help explains them. */
function formatHelp(command: Command, helper: Help): string {
  const format = (help: Help) => Help.prototype.formatHelp.call(help, command, help);
  if (command.parent === null) return format(helper);
  const flags = helper.visibleGlobalOptions(command).map(({ long }) => long);
  const own: Help = Object.assign(Object.create(helper) as Help, { visibleGlobalOptions: () => [] });
  return `${format(own)}\nGlobal options (csvjobs --help): ${flags.join(', ')}\n`;
}

/** The output of `csvjobs` without arguments. */
export const SHORT_HELP = `csvjobs loads CSV files into PostgreSQL.

  csvjobs upload customers.csv --watch    load a file and watch it
  csvjobs check customers.csv             show what would be rejected
  csvjobs list                            list jobs
  csvjobs errors                          the rejected rows of the last job
  csvjobs daemon start                    start a daemon on this machine

All commands: csvjobs --help. One of them: csvjobs help upload
`;
