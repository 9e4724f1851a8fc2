/** `csvjobsd sniff`: what a local file is found to be, as one document of JSON. Needs neither database nor Redis. */
import { parseArgs } from 'node:util';
import { localLimits } from './check.js';
import type { Config } from './config.js';
import { Failure } from './failure.js';
import { type Overrides, overridesFor } from './intake/overrides.js';
import { sniffFile } from './pipeline/sniffFile.js';

export interface SniffArguments {
  path: string;
  overrides: Overrides;
}

/** @throws {Failure} `usage` */
export function sniffArguments(args: string[]): SniffArguments {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { encoding: { type: 'string' }, delimiter: { type: 'string' } },
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new Error('sniff takes one file');
    return { path, overrides: overridesFor(values) };
  } catch (error) {
    throw new Failure('usage', (error as Error).message);
  }
}

/** @throws {Failure} and errors of the file system */
export async function sniff(task: SniffArguments, config: Config): Promise<string> {
  return `${JSON.stringify(await sniffFile({ ...task, ...localLimits(config) }))}\n`;
}
