/** The command line: commands, options, help. Each command's code is loaded when it runs. */
import { Command, Option } from 'commander';
import { PROGRESS_MODES } from '../config/settings.js';
import { version } from '../version.js';
import { addAbout, addCompletion, addHelp } from './about.js';
import { type Choose, examples } from './action.js';
import { addDaemon } from './daemon.js';
import { addJobs } from './jobs.js';
import { addLoading } from './loading.js';
import { addPreparing } from './preparing.js';
import { addTables } from './tables.js';
import { addTokens } from './tokens.js';

export interface GlobalOptions {
  url?: string;
  json?: boolean;
  quiet?: boolean;
  progress?: string;
  verbose?: boolean;
}

/** Where help goes. */
interface Streams {
  stdout: NodeJS.WritableStream;
  stderr: NodeJS.WritableStream;
}

/** The program, which tells `choose` what it was called for. */
export function buildProgram({ stdout, stderr }: Streams, choose: Choose): Command {
  const program = new Command('csvjobs')
    .description('Uploads CSV files to a csvjobs daemon, watches them load, fetches what was rejected.')
    .version(version(), '-V, --version', 'print the version')
    .option('--url <address>', "the daemon's address (CSVJOBS_URL; default http://127.0.0.1:4000)")
    .option('--json', 'JSON on stdout (NDJSON where something is watched), errors as JSON on stderr')
    .option('-q, --quiet', 'print ids only, no progress')
    .addOption(
      new Option('--progress <mode>', 'how progress is shown on stderr (CSVJOBS_PROGRESS)').choices(
        PROGRESS_MODES,
      ),
    )
    .option('--verbose', 'show the requests on stderr; tokens are left out')
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => stdout.write(text),
      writeErr: (text) => stderr.write(text),
      // Told by printError, in the form of every other error.
      outputError: () => {},
    })
    .exitOverride()
    .helpCommand(false)
    .addHelpText(
      'before',
      examples(
        'csvjobs upload customers.csv --watch    load a file and watch it',
        'csvjobs list                            what the daemon has done and does',
        'csvjobs errors 3f2a9c1e > errors.csv    the rows that were rejected',
        'csvjobs daemon start                    a daemon on this machine',
        'csvjobs help exit-codes                 what the exit codes mean',
      ),
    );

  addLoading(program, choose);
  addPreparing(program, choose);
  addJobs(program, choose);
  addTables(program, choose);
  addTokens(program, choose);
  addAbout(program, choose);
  addDaemon(program, choose);
  addCompletion(program, choose);
  addHelp(program, stdout);
  return program;
}
