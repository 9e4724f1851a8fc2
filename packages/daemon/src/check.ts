/** `csvjobsd check`: the rules of a load over a local file, told as lines of JSON. Needs neither database nor Redis. */
import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { type Target, targetSchema } from '@csvjobs/shared';
import type { Config } from './config.js';
import { Failure } from './failure.js';
import { overridesFor } from './intake/overrides.js';
import { specFrom } from './intake/specPart.js';
import { type CheckTask, checkFile } from './pipeline/checkFile.js';

export interface CheckArguments {
  path: string;
  encoding?: string | undefined;
  delimiter?: string | undefined;
  /** The path of a table as GET /api/tables/{table} describes it; `-` is stdin. Without one the file is for customers. */
  table?: string | undefined;
  /** The path of a spec. */
  spec?: string | undefined;
}

/** @throws {Failure} `usage` */
export function checkArguments(args: string[]): CheckArguments {
  const { values, positionals } = parsed(args);
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new Failure('usage', 'check takes one file');
  const { table, spec } = values;
  if (spec !== undefined && table === undefined) throw new Failure('usage', '--spec needs --table');
  try {
    return { path, ...overridesFor(values), table, spec };
  } catch (error) {
    throw new Failure('usage', (error as Error).message);
  }
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        encoding: { type: 'string' },
        delimiter: { type: 'string' },
        table: { type: 'string' },
        spec: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Failure('usage', (error as Error).message);
  }
}

/**
 * Prints what `checkFile` tells, a line each, as fast as it is taken.
 * @throws {Failure} `usage` for a table or a spec that cannot be read, others, and errors of the file system; what
 *   `print` throws
 */
export async function check(
  { path, table, spec, ...overrides }: CheckArguments,
  config: Config,
  print: (line: string) => Promise<void>,
): Promise<void> {
  const into = table === undefined ? undefined : { target: await targetIn(table), spec: await specIn(spec) };
  const events = checkFile({ path, overrides, into, ...localLimits(config) });
  for await (const event of events) await print(`${JSON.stringify(event)}\n`);
}

async function targetIn(path: string): Promise<Target> {
  try {
    return targetSchema.parse(
      JSON.parse(await (path === '-' ? text(process.stdin) : readFile(path, 'utf8'))),
    );
  } catch (error) {
    const why = 'it must have what GET /api/tables/{table} answers (csvjobs describe <table> --json)';
    throw new Failure('usage', `the table in ${path} cannot be read; ${why}`, { cause: error });
  }
}

async function specIn(path: string | undefined) {
  try {
    return path === undefined ? undefined : specFrom(await readFile(path));
  } catch (error) {
    throw new Failure('usage', (error as Error).message, { cause: error });
  }
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
