/** `csvjobsd propose-table`: which table a local file needs, as one document of JSON. Needs neither database nor Redis. */
import { parseArgs } from 'node:util';
import { type NewTableName, readNewTableName } from '@csvjobs/shared';
import { localLimits } from './check.js';
import type { Config } from './config.js';
import { Failure } from './failure.js';
import { type Overrides, overridesFor } from './intake/overrides.js';
import { proposeTable } from './pipeline/proposeTable.js';

export interface ProposalArguments {
  path: string;
  overrides: Overrides;
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
    return { path, overrides: overridesFor(values), table, key, exactNames: values['exact-names'] };
  } catch (error) {
    throw new Failure('usage', (error as Error).message);
  }
}

/** @throws {Failure} and errors of the file system */
export async function proposal(task: ProposalArguments, config: Config): Promise<string> {
  return `${JSON.stringify(await proposeTable({ ...task, ...localLimits(config) }))}\n`;
}
