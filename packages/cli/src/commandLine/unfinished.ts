/**
 * Determines how an unfinished command line can continue. Reads this from the program itself, so that the two cannot
 * diverge.
 */
import type { Argument, Command, Option } from 'commander';
import { isCalled } from './action.js';
import { readWords, splitFlag } from './readWords.js';

export interface Suggestion {
  value: string;
  about?: string | undefined;
}

/**
 * The possible values of a word: one of these, or what its placeholder in the help names (`id`, `file`, `status`, …).
 */
export type Wanted =
  | { oneOf: Suggestion[] }
  | {
      placeholder: string;
      /** The command that the word is for: `errors`, `token revoke`. */
      command: string;
      /** The operands typed so far. */
      operands: string[];
    };

export interface Unfinished {
  wanted: Wanted;
  /** The part of the value typed so far. */
  typed: string;
  /** The text before the value in the same word: `--status=`. */
  before: string;
  /** The daemon's address, if it is given. */
  url: string | undefined;
}

/** Reads the words after `csvjobs`. The last one is the word to complete, and may be empty. */
export function readUnfinished(program: Command, words: readonly string[]): Unfinished {
  const last = words.at(-1) ?? '';
  const { command, operands, url, waiting, flagsAreOver } = readWords(program, words.slice(0, -1));
  const at = { command: nameOf(command), operands };
  const unfinished = (wanted: Wanted, typed = last, before = ''): Unfinished => ({
    wanted,
    typed,
    before,
    url,
  });

  if (waiting) return unfinished(wantedBy(waiting, at));
  if (!flagsAreOver && last.startsWith('-')) {
    const [flag = '', value] = splitFlag(last);
    const option =
      value === undefined
        ? undefined
        : optionsOf(command).find((known) => known.short === flag || known.long === flag);
    if (option) return unfinished(wantedBy(option, at), value, `${flag}=`);
    return unfinished({
      oneOf: optionsOf(command).map(({ long, description }) => ({ value: long!, about: description })),
    });
  }
  const { registeredArguments } = command;
  const argument = registeredArguments[operands.length] ?? variadic(registeredArguments);
  if (argument?.name() === 'topic') return unfinished({ oneOf: topics(program, operands) });
  if (argument?.argChoices) return unfinished({ oneOf: argument.argChoices.map((value) => ({ value })) });
  if (argument) return unfinished({ placeholder: argument.name(), ...at });
  return unfinished({ oneOf: operands.length === 0 ? commandsOf(command) : [] });
}

/** The topics of `csvjobs help`: commands and their subcommands. */
function topics(program: Command, operands: readonly string[]): Suggestion[] {
  let command: Command | undefined = program;
  for (const name of operands) command = command?.commands.find((known) => isCalled(known, name));
  const more = operands.length === 0 ? [{ value: 'exit-codes', about: 'what the exit codes mean' }] : [];
  return command ? [...commandsOf(command), ...more] : [];
}

function commandsOf(command: Command): Suggestion[] {
  return visible(command).map((each) => ({ value: each.name(), about: each.description() }));
}

function wantedBy(option: Option, at: { command: string; operands: string[] }): Wanted {
  if (option.argChoices) return { oneOf: option.argChoices.map((value) => ({ value })) };
  return { placeholder: /[<[](.*?)(?:\.\.\.)?[>\]]/.exec(option.flags)?.[1] ?? '', ...at };
}

function optionsOf(command: Command): Option[] {
  const help = command.createHelp();
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command.parent ? command : command)];
}

function visible(command: Command): Command[] {
  return command.createHelp().visibleCommands(command);
}

function variadic(known: readonly Argument[]): Argument | undefined {
  const last = known.at(-1);
  return last?.variadic ? last : undefined;
}

/** The full name of a command: `token revoke`. */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent ? `${nameOf(parent)} ${command.name()}`.trim() : '';
}
