/**
 * Commands printed for people to copy, written as this program was started: with `npx` if it runs under npx, and with the
 * daemon that was named on the command line, because without it they would mean another one.
 */
import { underNpx } from '../config/environment.js';
import { shellQuote } from './text.js';

/** Commands that ask a daemon. */
const ASKING =
  'upload|check|preview|map|create-table|watch|list|show|errors|fix|rows|cancel|accept|discard|retry|load|undo|delete|tables|describe|daemon|token|webhooks|doctor';

/** All others, and the program's own help. */
const OTHERS = 'sniff|config|login|schema|completion|help|--help';

/** The program's commands, where they follow its name, which may be painted; not a noun: a csvjobs daemon. */
const COMMANDS = new RegExp(
  `(^|[\\s:;("&|>]|\\u001b\\[[\\d;]+m)(?<!\\b(?:an?|the|no|another)\\s+)csvjobs(?= (?:(${ASKING})|${OTHERS})(?![\\w-])([^\\n,;]*))`,
  'gm',
);

const NAMES = new Set(`${ASKING}|${OTHERS}`.split('|'));

/** Whether a word is the name of a command. */
export function isCommand(word: string): boolean {
  return NAMES.has(word);
}

/** Options that choose the daemon. */
const CHOOSING = ['--url', '--profile'];

/** Returns the options on a command line that choose the daemon, each as it has to be typed. */
export function choosing(argv: readonly string[]): string[] {
  const end = argv.indexOf('--');
  const words = end < 0 ? argv : argv.slice(0, end);
  return CHOOSING.flatMap((name) => {
    const at = words.findLastIndex((word) => word === name || word.startsWith(`${name}=`));
    if (at < 0) return [];
    const value = words[at] === name ? words[at + 1] : words[at]?.slice(name.length + 1);
    return value ? [`${name} ${shellQuote(value)}`] : [];
  });
}

/** Where in a text its first command begins; undefined without a command. */
export function commandAt(text: string): number | undefined {
  const found = text.matchAll(COMMANDS).next().value;
  return found && found.index + (found[1]?.length ?? 0);
}

/** Returns a text with its commands as the user has to type them here. @param chosen from `choosing` */
export function asTyped(text: string, chosen: readonly string[]): string {
  const name = underNpx() ? 'npx csvjobs' : 'csvjobs';
  return text.replace(COMMANDS, (_, before: string, asking: string | undefined, rest: string) => {
    const lacking =
      asking === undefined ? [] : chosen.filter((option) => !rest.includes(option.split(' ')[0]!));
    return [`${before}${name}`, ...lacking].join(' ');
  });
}
