/**
 * `csvjobsd sniff`: what csvjobs detects about a local file, as a JSON document. Needs neither database nor
 * Redis.
 */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { localLimits, readOverrides, specIn } from './check.js';
import type { Config } from './config.js';
import { Failure } from './failure.js';
import { sniffFile } from './pipeline/sniffFile.js';
import { valueReading } from './rows/infer/valueReading.js';

export interface SniffArguments {
  path: string;
  encoding: string | undefined;
  delimiter: string | undefined;
  /** The path of a spec, used only for how to read the file and its values; `-` is stdin. */
  spec: string | undefined;
}

/** @throws {Failure} `usage` */
export function sniffArguments(args: string[]): SniffArguments {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { encoding: { type: 'string' }, delimiter: { type: 'string' }, spec: { type: 'string' } },
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new Error('sniff takes one file');
    const { encoding, delimiter, spec } = values;
    readOverrides({ encoding, delimiter }, undefined);
    return { path, encoding, delimiter, spec };
  } catch (error) {
    throw new Failure('usage', (error as Error).message);
  }
}

/** @throws {Failure} and errors of the file system */
export async function sniff({ path, spec, ...readAs }: SniffArguments, config: Config): Promise<string> {
  const described =
    spec === undefined
      ? undefined
      : await specIn(async () => (spec === '-' ? await buffer(process.stdin) : await readFile(spec)));
  const overrides = readOverrides(readAs, described);
  const values = valueReading(described);
  return `${JSON.stringify(await sniffFile({ path, overrides, values, ...localLimits(config) }))}\n`;
}
