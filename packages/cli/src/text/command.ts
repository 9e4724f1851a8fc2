/** Commands printed for people to copy, written as this program was started: with `npx` if it runs under npx. */
import { underNpx } from '../config/environment.js';

/** The program's commands, where they follow its name. */
const COMMANDS =
  /(^|[\s:;("&|>])csvjobs(?= (?:upload|check|sniff|map|create-table|watch|list|show|errors|fix|cancel|retry|delete|tables|describe|token|config|login|schema|doctor|daemon|completion|help)\b)/gm;

/** Returns a text with its commands as the user has to type them here. */
export function asTyped(text: string): string {
  return underNpx() ? text.replace(COMMANDS, '$1npx csvjobs') : text;
}
