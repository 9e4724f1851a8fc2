/** The file patterns of a project file: the table and the spec of files whose names match. */
import { posix } from 'node:path';

export interface FilePattern {
  match: string;
  into: string | undefined;
  /** A path, relative to the folder of the project file. */
  spec: string | undefined;
}

const KNOWN = ['match', 'into', 'spec'];

/**
 * Reads the list `files` of a project file.
 * @throws {Error} whose message names the wrong entry and its fault
 */
export function readFilePatterns(value: unknown): FilePattern[] {
  if (!Array.isArray(value)) throw new Error('"files" must be a list');
  return value.map((entry, at) => {
    const place = `files[${at}]`;
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
      throw new Error(`${place} must be an object, such as {"match": "orders*.csv", "into": "sales.orders"}`);
    for (const [key, text] of Object.entries(entry)) {
      if (!KNOWN.includes(key))
        throw new Error(`${place} has a key "${key}"; the keys are ${KNOWN.join(', ')}`);
      if (typeof text !== 'string' || text === '') throw new Error(`${place}.${key} must be a text`);
    }
    const { match, into, spec } = entry as Record<string, string>;
    if (match === undefined) throw new Error(`${place} has no "match", as "orders*.csv"`);
    if (into === undefined && spec === undefined)
      throw new Error(`${place} has neither "into" nor "spec"; it has no effect on ${match}`);
    return { match, into, spec };
  });
}

/**
 * Returns the first entry whose pattern matches a file. `*` stands for any characters but /, `**` for any, `?` for one.
 * A pattern without / is matched against the name alone, any other against the path from the folder of the project
 * file.
 * @param path path of the file from that folder, with /
 */
export function patternFor(patterns: readonly FilePattern[], path: string): FilePattern | undefined {
  return patterns.find(({ match }) =>
    regexOf(match).test(match.includes('/') ? posix.normalize(path) : posix.basename(path)),
  );
}

function regexOf(pattern: string): RegExp {
  const source = posix.normalize(pattern).replace(/\*\*\/|\*\*|\*|\?|[.+^${}()|[\]\\]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    return part === '?' ? '[^/]' : `\\${part}`;
  });
  return new RegExp(`^${source}$`, 'su');
}
