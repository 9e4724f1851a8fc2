/**
 * `csvjobsd check`: applies the rules of a load to a local file, and prints JSON lines. Needs neither
 * database nor Redis.
 */
import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { isCustomers, type Spec, type Target, targetSchema } from '@csvjobs/shared';
import type { Config } from './config.js';
import { Failure } from './failure.js';
import { overridesFor } from './intake/overrides.js';
import { specFrom } from './intake/specPart.js';
import { type CheckTask, checkFile } from './pipeline/checkFile.js';
import { type JobInto, jobTarget } from './sql/jobTarget.js';

export interface CheckArguments {
  path: string;
  encoding?: string | undefined;
  delimiter?: string | undefined;
  /**
   * The path of a table as GET /api/tables/{table} describes it; `-` is stdin. Without a table, the file is
   * for customers.
   */
  table?: string | undefined;
  /** The path of a spec; `-` is stdin, after the table's line if that is also on stdin. */
  spec?: string | undefined;
  /** Number of records to check, from the first on. */
  first?: number | undefined;
}

/** @throws {Failure} `usage` */
export function checkArguments(args: string[]): CheckArguments {
  const { values, positionals } = parsed(args);
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) throw new Failure('usage', 'check takes one file');
  const { encoding, delimiter, table, spec, first } = values;
  if (first !== undefined && !/^[1-9]\d{0,8}$/.test(first))
    throw new Failure('usage', '--first must be a whole number, 1 or more');
  readOverrides({ encoding, delimiter }, undefined);
  return { path, encoding, delimiter, table, spec, ...(first !== undefined && { first: Number(first) }) };
}

/** @throws {Failure} `usage` */
export function readOverrides(asked: Pick<CheckArguments, 'encoding' | 'delimiter'>, spec: Spec | undefined) {
  try {
    return overridesFor(asked, spec);
  } catch (error) {
    throw new Failure('usage', (error as Error).message, { cause: error });
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
        first: { type: 'string' },
      },
    });
  } catch (error) {
    throw new Failure('usage', (error as Error).message);
  }
}

/**
 * Prints the output of `checkFile`, one line per item, at the reader's pace.
 * @throws {Failure} `usage` for a table or a spec that cannot be read, others, and errors of the file system;
 * what `print` throws
 */
export async function check(
  { path, table, spec, first, ...asked }: CheckArguments,
  config: Config,
  print: (line: string) => Promise<void>,
): Promise<void> {
  const into = await intoIn(table, spec);
  const overrides = readOverrides(asked, into?.spec);
  const events = checkFile({ path, overrides, into, first, ...localLimits(config) });
  for await (const event of events) await print(`${JSON.stringify(event)}\n`);
}

/**
 * The table and spec of a file, from these documents. If both are stdin, the table is its first line.
 * @throws {Failure} `usage`, with everything that is wrong with a spec
 */
export async function intoIn(table: string | undefined, spec: string | undefined): Promise<JobInto> {
  const input = table === '-' || spec === '-' ? await buffer(process.stdin) : Buffer.alloc(0);
  const end = table === '-' && spec === '-' ? input.indexOf('\n') : -1;
  const [first, rest] = end < 0 ? [input, input] : [input.subarray(0, end), input.subarray(end + 1)];
  const read = async (path: string, there: Buffer) => (path === '-' ? there : await readFile(path));
  const target = table === undefined ? undefined : await targetIn(table, () => read(table, first));
  const described = spec === undefined ? undefined : await specIn(() => read(spec, rest));
  if (!target) return { spec: described };
  return jobTarget(target, described, isCustomers(target));
}

async function targetIn(path: string, read: () => Promise<Buffer>): Promise<Target> {
  try {
    return targetSchema.parse(JSON.parse((await read()).toString('utf8')));
  } catch (error) {
    const why = 'it must be an answer of GET /api/tables/{table} (csvjobs describe <table> --json)';
    throw new Failure('usage', `the table in ${path} cannot be read; ${why}`, { cause: error });
  }
}

export async function specIn(read: () => Promise<Buffer>) {
  try {
    return specFrom(await read());
  } catch (error) {
    throw new Failure('usage', (error as Error).message, { cause: error });
  }
}

/** The limits that a daemon would have here, for reading a file without one: no batches are built. */
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
