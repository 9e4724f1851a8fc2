/** Commands that are printed for people to copy, as this program was started: under npx with `npx`. */
import { underNpx } from '../config/environment.js';

/** The commands of the program, as they stand behind its name where one is meant. */
const COMMANDS =
  /(^|[\s:;("&|>])csvjobs(?= (?:upload|check|sniff|map|create-table|watch|list|show|errors|fix|cancel|retry|delete|tables|describe|token|config|login|schema|doctor|daemon|completion|help)\b)/gm;

/** A text with its commands as they have to be typed here. */
export function asTyped(text: string): string {
  return underNpx() ? text.replace(COMMANDS, '$1npx csvjobs') : text;
}
