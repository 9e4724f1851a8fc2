/** `csvjobsd check`: the rules of a load over a local file, told as lines of JSON. Needs neither database nor Redis. */
import { parseArgs } from 'node:util';
import type { Config } from './config.js';
import { Failure } from './failure.js';
import { checkFile } from './pipeline/checkFile.js';

/** As many of the first bytes as an upload is judged by (http/uploads/uploads.ts). */
const HEAD_BYTES = 128 * 1024;

export interface CheckArguments {
  path: string;
  encoding?: string;
  delimiter?: string;
}

/** @throws {Failure} `usage` */
export function checkArguments(args: string[]): CheckArguments {
  const { values, positionals } = parsed(args);
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new Failure('usage', 'check takes one file');
  const delimiter = values.delimiter === 'tab' ? '\t' : values.delimiter;
  if (delimiter !== undefined && ![',', ';', '\t', '|'].includes(delimiter))
    throw new Failure('usage', `the delimiter must be one of , ; tab | but is ${JSON.stringify(delimiter)}`);
  return {
    path,
    ...(values.encoding !== undefined && { encoding: values.encoding }),
    ...(delimiter !== undefined && { delimiter }),
  };
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
  const limits = {
    maxRecordBytes: config.MAX_RECORD_BYTES,
    maxDecodedBytes: config.MAX_DECODED_BYTES,
    batchRows: 1,
    batchBytes: 1,
  };
  const events = checkFile({
    path,
    overrides,
    limits,
    maxUploadBytes: config.MAX_UPLOAD_BYTES,
    headBytes: HEAD_BYTES,
  });
  for await (const event of events) await print(`${JSON.stringify(event)}\n`);
}
