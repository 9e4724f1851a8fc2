/**
 * The commands for a local file, which need neither database nor Redis: part of csvjobsd, and of the program
 * that ships with the command line (files/main.ts).
 */
import { processEnvironment, readConfig } from './config.js';
import { print } from './stdout.js';

const COMMANDS: Record<string, (args: string[]) => Promise<void>> = {
  async check(args) {
    const { check, checkArguments } = await import('./check.js');
    await check(checkArguments(args), readConfig(processEnvironment()), print);
  },
  async sniff(args) {
    const { sniff, sniffArguments } = await import('./sniff.js');
    await print(await sniff(sniffArguments(args), readConfig(processEnvironment())));
  },
  async map(args) {
    const { mapArguments, mapping } = await import('./map.js');
    await print(await mapping(mapArguments(args), readConfig(processEnvironment())));
  },
  async 'propose-table'(args) {
    const { proposal, proposalArguments } = await import('./propose.js');
    await print(await proposal(proposalArguments(args), readConfig(processEnvironment())));
  },
};

/** The names of the commands. */
export const FILE_COMMANDS: readonly string[] = Object.keys(COMMANDS);

/**
 * Runs the command with this name, and prints its result.
 * @returns whether there is such a command
 * @throws {Failure} `usage`, what is wrong with the configuration, and what the command throws
 */
export async function runFileCommand([name = '', ...args]: readonly string[]): Promise<boolean> {
  if (!Object.hasOwn(COMMANDS, name)) return false;
  await COMMANDS[name]!(args);
  return true;
}
