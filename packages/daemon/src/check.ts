/** `csvjobsd check`: the rules of a load over a local file, told as lines of JSON. Needs neither database nor Redis. */
import { parseArgs } from 'node:util';
import type { Config } from './config.js';
import { Failure } from './failure.js';
import { overridesFor } from './intake/overrides.js';
import { type CheckTask, checkFile } from './pipeline/checkFile.js';

export interface CheckArguments {
  path: string;
  encoding?: string | undefined;
  delimiter?: string | undefined;
}

/** @throws {Failure} `usage` */
export function checkArguments(args: string[]): CheckArguments {
  const { values, positionals } = parsed(args);
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new Failure('usage', 'check takes one file');
  try {
    return { path, ...overridesFor(values) };
  } catch (error) {
    throw new Failure('usage', (error as Error).message);
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { encoding: { type: 'string' }, delimiter: { type: 'string' } },
    });
  } catch (error) {
    throw new Failure('usage', (error as Error).message);
  }
}

/**
 * Prints what `checkFile` tells, a line each, as fast as it is taken.
 * @throws {Failure} and errors of the file system; what `print` throws
 */
export async function check(
  { path, ...overrides }: CheckArguments,
  config: Config,
  print: (line: string) => Promise<void>,
): Promise<void> {
  const events = checkFile({ path, overrides, ...localLimits(config) });
  for await (const event of events) await print(`${JSON.stringify(event)}\n`);
}

/** The limits of a daemon here, for a file that is read without one: no batches are made. */
export function localLimits(config: Config): Pick<CheckTask, 'limits' | 'maxUploadBytes'> {
  return {
    limits: {
      maxRecordBytes: config.MAX_RECORD_BYTES,
      maxDecodedBytes: config.maxDecodedBytes,
      batchRows: 1,
      batchBytes: 1,
    },
    maxUploadBytes: config.MAX_UPLOAD_BYTES,
  };
}
