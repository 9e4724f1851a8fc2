/**
 * `csvjobsd map`: which field of a local file fills which column, as a JSON document. Needs neither database
 * nor Redis.
 */
import { parseArgs } from 'node:util';
import { intoIn, localLimits, readOverrides } from './check.js';
import type { Config } from './config.js';
import { Failure } from './failure.js';
import { mapFile } from './pipeline/mapFile.js';

export interface MapArguments {
  path: string;
  encoding: string | undefined;
  delimiter: string | undefined;
  /** The same as for `csvjobsd check`. */
  table: string | undefined;
  spec: string | undefined;
}

/** @throws {Failure} `usage` */
export function mapArguments(args: string[]): MapArguments {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        table: { type: 'string' },
        spec: { type: 'string' },
        encoding: { type: 'string' },
        delimiter: { type: 'string' },
      },
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new Error('map takes one file');
    const { encoding, delimiter, table, spec } = values;
    readOverrides({ encoding, delimiter }, undefined);
    return { path, encoding, delimiter, table, spec };
  } catch (error) {
    throw new Failure('usage', (error as Error).message);
  }
}

/** @throws {Failure} `usage` for a table or a spec that cannot be read, others, and errors of the file system */
export async function mapping(
  { path, table, spec, ...asked }: MapArguments,
  config: Config,
): Promise<string> {
  const into = await intoIn(table, spec);
  const overrides = readOverrides(asked, into?.spec);
  return `${JSON.stringify(await mapFile({ path, overrides, into, ...localLimits(config) }))}\n`;
}
