/**
 * The kernel: WebAssembly that reads plain records (packages/daemon/kernel), and the memory that it works in. It reads a record of 16
 * typed columns in 0.35 µs. The code for single records takes 2.2.
 */
import { CODE } from './kernelCode.js';
import { FIRST_FREE, SLACK } from './memoryLayout.js';

const PAGE = 64 * 1024;

/** What the kernel exports: kernel/main.ts describes the functions. */
export interface KernelCalls {
  setFormat(delimiter: number, lineEnd: number, fields: number, starts: number, ends: number): void;
  setColumns(at: number, count: number, all: number, constants: number, constantsLength: number): void;
  setKeys(at: number, count: number): void;
  setLimits(fields: number, named: number, maxRecordBytes: number, growth: number, keys: number): void;
  read(
    text: number,
    textEnd: number,
    rows: number,
    rowsLimit: number,
    records: number,
    pairs: number,
    most: number,
  ): number;
  textAt: { value: number };
  rowsEnd: { value: number };
}

/** Writes a value by the rule of a column: see `writeByRule` in kernel/row.ts. */
export type WriteByRule = (column: number, start: number, end: number, to: number) => number;

/** The parts of WebAssembly's interface that are needed; TypeScript has it only for browsers. */
interface WebAssemblyApi {
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object, imports: object) => { exports: unknown };
  Memory: new (size: { initial: number; maximum: number }) => { buffer: ArrayBuffer };
}

/** The parts of a kernel's memory, by what they hold: addresses or sizes. */
export interface Parts {
  text: number;
  rows: number;
  /** What is known of each record, and the hashes of its keys. */
  records: number;
  pairs: number;
  /** The positions of the fields of the last record. */
  starts: number;
  ends: number;
  /** The columns and keys of the plan. */
  tables: number;
}

export interface Kernel {
  calls: KernelCalls;
  bytes: Buffer;
  view: DataView;
  /** Where each part starts. */
  parts: Parts;
}

let compiled: object | undefined;

/**
 * Starts a kernel whose memory has parts of the given sizes in bytes, SLACK bytes between them. Returns undefined where it cannot
 * run: a machine without vector instructions, or with a limit on addresses (`ulimit -v`). The other code reads all records then.
 */
export function startKernel(sizes: Parts, writeByRule: WriteByRule): Kernel | undefined {
  const { WebAssembly } = globalThis as unknown as { WebAssembly?: WebAssemblyApi };
  const parts = { ...sizes };
  let end = FIRST_FREE;
  for (const part of Object.keys(parts) as (keyof Parts)[]) {
    // A multiple of SLACK, so that words are aligned.
    parts[part] = end + SLACK;
    end += SLACK * (2 + Math.ceil(sizes[part] / SLACK));
  }
  const pages = Math.ceil((end + SLACK) / PAGE);
  try {
    compiled ??= new WebAssembly!.Module(Buffer.from(CODE, 'base64'));
    const memory = new WebAssembly!.Memory({ initial: pages, maximum: pages });
    const { exports } = new WebAssembly!.Instance(compiled, { env: { memory }, row: { writeByRule } });
    const { buffer } = memory;
    return {
      calls: exports as KernelCalls,
      bytes: Buffer.from(buffer),
      view: new DataView(buffer),
      parts,
    };
  } catch {
    return undefined;
  }
}
