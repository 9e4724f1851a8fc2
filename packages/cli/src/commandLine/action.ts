/** The action that a command line selects. */
import type { Command } from 'commander';
import type { Context } from '../context.js';

/** Performs a command; resolves with the exit code. */
export type Action = (context: Context) => Promise<number>;

/** Called by the selected command. The code of the action is loaded only when it runs. */
export type Choose = (command: Command, action: Action) => void;

/** Whether a word calls a command: its name, or an alias of it. */
export function isCalled(command: Command, word: string): boolean {
  return command.name() === word || command.aliases().includes(word);
}

/** The examples at the end of each command's help. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
