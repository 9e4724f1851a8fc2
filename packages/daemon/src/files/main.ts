#!/usr/bin/env node
/**
 * csvjobsd as far as it needs no server: what the package of the command line brings along (scripts/bundle.mjs), so that it
 * checks files where no daemon is installed.
 */
import { sayFailure } from '../exitCode.js';
import { Failure } from '../failure.js';
import { FILE_COMMANDS, runFileCommand } from '../fileCommands.js';

// Else SIGUSR1 opens Node's debugger on a port of this machine: code of anybody who may connect to it would be run.
process.on('SIGUSR1', () => {});

async function main(): Promise<void> {
  if (await runFileCommand(process.argv.slice(2))) return;
  throw new Failure('usage', `the commands of this program are ${FILE_COMMANDS.join(', ')}`);
}

main().then(
  () => process.exit(0),
  (error: unknown) => process.exit(sayFailure(error)),
);
