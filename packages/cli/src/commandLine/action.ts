/** What a command line says is to be done. */
import type { Command } from 'commander';
import type { Context } from '../context.js';

/** Does a command's work; resolves with the exit code. */
export type Action = (context: Context) => Promise<number>;

/** Told by the command that was called. What it does is loaded only then. */
export type Choose = (command: Command, action: Action) => void;

/** Whether a word calls a command: its name, or an alias of it. */
export function isCalled(command: Command, word: string): boolean {
  return command.name() === word || command.aliases().includes(word);
}

/** The examples that each help ends with. */
export function examples(...lines: string[]): string {
  return `\nExamples:\n${lines.map((line) => `  ${line}`).join('\n')}`;
}
