/** The loads of the scenarios: each table, with different numbers of lanes. */
import type { TestOptions } from 'vitest';
import { LONG } from '../../../packages/daemon/test/support/form.js';
import { dirtyFile } from './dirtyFile.js';
import { dirtyLines } from './dirtyLines.js';
import { FULL } from './figures.js';
import type { DirtyFile } from './loadedTable.js';

export interface FaultLoad {
  name: string;
  /** For the daemons. */
  environment: Record<string, string>;
  /** The same file for the same arguments. */
  file: (seed: number, records: number, owner?: string) => DirtyFile;
  /** Whether `npm test` runs it with all scenarios, or only with the quick and most telling ones. */
  always: boolean;
}

const made = new Map<string, DirtyFile>();

/** One object for all lanes, so that the undisturbed run is done once. */
function lines(seed: number, records: number, owner = 'a'): DirtyFile {
  const name = `${seed} ${records} ${owner}`;
  const file = made.get(name) ?? dirtyLines(seed, records, owner);
  made.set(name, file);
  return file;
}

const intoLines = (lanes: number): FaultLoad => ({
  name: `shop.lines, lanes: ${lanes}`,
  environment: { WORKER_LANES: String(lanes) },
  file: lines,
  always: false,
});

const CUSTOMERS: FaultLoad = { name: 'customers', environment: {}, file: dirtyFile, always: true };

/** The short form has one number of lanes, that of most machines. */
export const LOADS: readonly FaultLoad[] = [CUSTOMERS, ...(FULL ? [1, 2, 4] : [2]).map(intoLines)];

/** For a scenario that `npm test` runs only for customers. */
export const customersFirst = ({ always }: FaultLoad): TestOptions => (always ? {} : LONG);
