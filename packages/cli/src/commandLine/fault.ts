/** Faults of a command line that commander finds, as what is wrong and why. Its own sentences name its parts, not the user's. */
import type { Command, CommanderError } from 'commander';
import { plural } from '../text/text.js';
import { type UserError, usageError } from '../userError.js';
import type { Words } from './readWords.js';

/** @param called what the words of the command line name */
export function commandLineError(
  { code, message }: CommanderError,
  { command, path }: Pick<Words, 'command' | 'path'>,
): UserError {
  const help = ['csvjobs', ...path, '--help'].join(' ');
  // commander's `csvjobs` alone and `csvjobs daemon nonsense` show help; the rest is "error: …" with a suggestion.
  if (code === 'commander.help') return usageError('No command is given', undefined, help);
  const text = message.replace(/^error: /, '').replace(/\n\(Did you mean (?:one of )?(.*)\?\)$/, suggestion);
  const asItIs = { what: text.charAt(0).toUpperCase() + text.slice(1) };
  // Those of the program itself are many, and its help groups them.
  if (code === 'commander.unknownCommand' && command.parent)
    return usageError(asItIs.what, `its commands are ${commandsOf(command)}`, help);
  const { what, why }: Fault = valueFault(text) ?? missing(text) ?? tooMany(text, help) ?? asItIs;
  return usageError(what, why, help);
}

/** `start, stop, restart` */
export function commandsOf({ commands }: Command): string {
  return commands.map((each) => each.name()).join(', ');
}

interface Fault {
  what: string;
  why?: string;
}

function suggestion(_: string, names: string): string {
  return `; did you mean ${names
    .split(', ')
    .map((name) => `"${name}"`)
    .join(' or ')}?`;
}

/** A value that an option or an argument does not take. */
function valueFault(text: string): Fault | undefined {
  const option = /^option '.*(--[\w-]+).*?' argument '(.*)' is invalid\. (.*)$/s.exec(text);
  if (option) return { what: `${option[1]} cannot be "${option[2]}"`, why: rule(option[3]!) };
  const argument = /^command-argument value '(.*)' is invalid for argument '(.*?)'\. (.*)$/s.exec(text);
  if (argument) return { what: `The ${argument[2]} cannot be "${argument[1]}"`, why: rule(argument[3]!) };
  return undefined;
}

/** The reasons are this program's, except that of an option with choices. */
function rule(reason: string): string {
  return reason.replace(/^Allowed choices are (.*)\.$/, 'it must be one of $1');
}

function missing(text: string): Fault | undefined {
  const [, argument] = /^missing required argument '(.*)'$/.exec(text) ?? [];
  if (argument !== undefined) return { what: `The argument <${argument}> is missing` };
  const [, flags] = /^option '(.*)' argument missing$/.exec(text) ?? [];
  return flags === undefined ? undefined : { what: `An option has no value: ${flags}` };
}

function tooMany(text: string, help: string): Fault | undefined {
  const [, most, got] = /^too many arguments .*expected (\d+) arguments? but got (\d+)\.$/i.exec(text) ?? [];
  if (most === undefined) return undefined;
  const takes = most === '0' ? 'no arguments' : `at most ${plural(Number(most), 'argument')}`;
  const command = help.replace(/ --help$/, '');
  return { what: `${command} takes ${takes}: ${got} ${got === '1' ? 'was' : 'were'} given` };
}
