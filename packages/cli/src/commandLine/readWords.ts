/** Which words of a command line are its command, its options and its operands. */
import type { Command, Option } from 'commander';
import { isCalled } from './action.js';

export interface Words {
  /** The command, of `daemon start` the last; the program itself if there is none. */
  command: Command;
  /** Its names, as they are typed. */
  path: string[];
  /** The options with their values, in order: `--into`, `sales.orders`, `--watch`. */
  options: string[];
  operands: string[];
  /** The value of `--url`. */
  url: string | undefined;
  /** The option whose value is still to come. */
  waiting: Option | undefined;
  /** After `--`, each word is an operand. */
  flagsAreOver: boolean;
}

/** Reads the words after `csvjobs`, also those of a command line that is wrong or unfinished. */
export function readWords(program: Command, typed: readonly string[]): Words {
  const words: Words = {
    ...{ command: program, path: [], options: [], operands: [] },
    ...{ url: undefined, waiting: undefined, flagsAreOver: false },
  };
  for (const word of typed) {
    const { command, operands, flagsAreOver } = words;
    if (words.waiting) {
      words.options.push(word);
      if (words.waiting.long === '--url') words.url = word;
      words.waiting = undefined;
    } else if (!flagsAreOver && word === '--') {
      words.flagsAreOver = true;
    } else if (!flagsAreOver && /^-./.test(word)) {
      words.options.push(word);
      const [flag = '', value] = splitFlag(word);
      const option = optionCalled(command, flag);
      if (value === undefined && option && (option.required || option.optional)) words.waiting = option;
      if (value !== undefined && option?.long === '--url') words.url = value;
    } else {
      const next = operands.length > 0 ? undefined : command.commands.find((known) => isCalled(known, word));
      if (next) {
        words.command = next;
        words.path.push(word);
      } else {
        operands.push(word);
      }
    }
  }
  return words;
}

/** `--status=failed` as `--status` and `failed`. */
export function splitFlag(word: string): string[] {
  const at = word.indexOf('=');
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

/** Finds an option of a command or, as for global options, of those above it. */
function optionCalled(command: Command, flag: string): Option | undefined {
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const option = at.options.find(({ short, long }) => short === flag || long === flag);
    if (option) return option;
  }
  return undefined;
}
