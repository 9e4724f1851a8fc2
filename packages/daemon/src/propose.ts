/**
 * `csvjobsd propose-table`: the table that a local file needs, as a JSON document. Needs neither database nor
 * Redis.
 */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { type NewTableName, readNewTableName } from '@csvjobs/shared';
import { localLimits, readOverrides, specIn } from './check.js';
import type { Config } from './config.js';
import { Failure } from './failure.js';
import { proposeTable } from './pipeline/proposeTable.js';
import { valueReading } from './rows/infer/valueReading.js';

export interface ProposalArguments {
  path: string;
  encoding: string | undefined;
  delimiter: string | undefined;
  /** The path of a spec, used only for how to read the file and its values; `-` is stdin. */
  spec: string | undefined;
  table: NewTableName;
  key: string[];
  exactNames: boolean;
}

/** @throws {Failure} `usage` */
export function proposalArguments(args: string[]): ProposalArguments {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: {
        into: { type: 'string' },
        key: { type: 'string', default: '' },
        'exact-names': { type: 'boolean', default: false },
        encoding: { type: 'string' },
        delimiter: { type: 'string' },
        spec: { type: 'string' },
      },
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new Error('propose-table takes one file');
    if (values.into === undefined) throw new Error('propose-table needs --into <table>');
    const table = readNewTableName(values.into);
    if (table === undefined)
      throw new Error(
        `${JSON.stringify(values.into)} is not the name of a table: write sales.orders, or "Sales"."Order Lines"; each part has at most 63 bytes`,
      );
    const key = values.key.split(',').flatMap((name) => (name.trim() === '' ? [] : [name.trim()]));
    const { encoding, delimiter, spec } = values;
    readOverrides({ encoding, delimiter }, undefined);
    return { path, encoding, delimiter, spec, table, key, exactNames: values['exact-names'] };
  } catch (error) {
    throw new Failure('usage', (error as Error).message);
  }
}

/** @throws {Failure} and errors of the file system */
export async function proposal(
  { encoding, delimiter, spec, ...task }: ProposalArguments,
  config: Config,
): Promise<string> {
  const read = async (path: string) => (path === '-' ? await buffer(process.stdin) : await readFile(path));
  const described = spec === undefined ? undefined : await specIn(() => read(spec));
  const overrides = readOverrides({ encoding, delimiter }, described);
  const values = valueReading(described);
  return `${JSON.stringify(await proposeTable({ ...task, overrides, values, ...localLimits(config) }))}\n`;
}
