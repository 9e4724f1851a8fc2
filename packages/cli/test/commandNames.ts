/** The program's commands, listed by the program itself. */
import type { Command } from 'commander';
import { buildProgram } from '../src/commandLine/build.js';

/** The names of all commands in the help, the program's own first: '', 'upload', …, 'daemon start'. */
export function commandNames(): string[] {
  const below = (command: Command, names: string[]): string[] =>
    command
      .createHelp()
      .visibleCommands(command)
      .flatMap((each) => {
        const path = [...names, each.name()];
        return [path.join(' '), ...below(each, path)];
      });
  const program = buildProgram(process, () => {});
  return ['', ...below(program, [])];
}
