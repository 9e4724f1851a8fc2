/**
 * Which field of a file would fill which column of a table: the gate that an upload passes, but for what the header must
 * name, then the header and the values of the first records. Without a database.
 */
import {
  CUSTOMER_ALIASES,
  CUSTOMERS_TARGET,
  type CustomerColumn,
  type FileField,
  type MappingAnswer,
  MOST_SAMPLES,
  SAMPLED_RECORDS,
} from '@csvjobs/shared';
import { asFailure, Failure } from '../failure.js';
import { admit } from '../intake/gate.js';
import { localFile } from '../intake/offeredFile.js';
import { tableWords } from '../rows/headerWords.js';
import { mappedColumns } from '../rows/mapping.js';
import { type HeaderKnowledge, SpecMismatch } from '../rows/rowPlan.js';
import type { JobInto } from '../sql/jobProgress.js';
import { readRecords } from './check/readRecords.js';
import type { CheckTask } from './checkFile.js';
import type { HeaderParts } from './header.js';
import { type HeaderRule, headerRuleFor } from './headerRule.js';
import type { Sink } from './sink.js';
import { surveyBy } from './surveyFile.js';

export type MapTask = Omit<CheckTask, 'mostKeys' | 'first'>;

/** @throws errors of the file system */
export async function mapFile(task: MapTask): Promise<MappingAnswer> {
  const { path, overrides, limits, maxUploadBytes, into } = task;
  const rule = namesOf(into);
  try {
    await admit(await localFile(path, overrides), { ...limits, maxUploadBytes }, rule);
    const first = SAMPLED_RECORDS;
    const file = await surveyBy(rule, { ...task, first });
    const samples = file.header.names.map(() => new Set<string>());
    for await (const _ of readRecords({ ...task, first }, file, rule, samplingSink(samples)));
    const fields = file.header.names.map((name, at): FileField => ({ name, samples: [...samples[at]!] }));
    const { encoding, delimiter, compression } = file.source;
    const target = into?.target ?? CUSTOMERS_TARGET;
    return {
      type: 'mapped',
      source: { encoding, delimiter, compression },
      fields,
      columns: mappedColumns(target, into?.spec, fields, knowledgeOf(into)),
      ...verdictOn(into, file.header.names, delimiter),
    };
  } catch (error) {
    const failure = asFailure(error);
    if (failure.retryable || failure.code === 'unexpected') throw error;
    return { type: 'refused', code: failure.code, message: failure.message };
  }
}

function knowledgeOf(into: JobInto): HeaderKnowledge {
  if (into?.target) return { words: tableWords(into.target), known: () => [] };
  const known = (column: string) => CUSTOMER_ALIASES[column as CustomerColumn];
  return { words: tableWords(CUSTOMERS_TARGET), known };
}

/** What a load says of this header. */
function verdictOn(into: JobInto, names: readonly string[], delimiter: string) {
  try {
    return { faults: [], notices: headerRuleFor(into)(names, delimiter).notices };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { cause, message } = error;
    return { faults: cause instanceof SpecMismatch ? [...cause.faults] : [message], notices: [] };
  }
}

interface NamedHeader extends HeaderParts {
  /** All of its cells up to the last with a name, trimmed. */
  names: string[];
}

/** The rule of a table's header, which takes any names. */
function namesOf(into: JobInto): HeaderRule<NamedHeader> {
  const { wanted } = headerRuleFor(into);
  const read = (cells: readonly string[]): NamedHeader => {
    const names = cells.map((cell) => cell.trim());
    const named = names.findLastIndex((name) => name !== '') + 1;
    return { names: names.slice(0, named), named, cells: cells.length, nameless: [], notices: [] };
  };
  return Object.assign(read, { wanted, nameless: () => [] });
}

/** A sample is there to be recognised: the start of a value is enough. Characters. */
const SAMPLE_LENGTH = 80;
/** Bytes of a value that are looked at: a character has four at most. */
const SAMPLE_BYTES = SAMPLE_LENGTH * 4;

function samplingSink(samples: readonly Set<string>[]): Sink<undefined, NamedHeader> {
  return {
    full: false,
    empty: true,
    begin() {},
    isSound: () => true,
    add(_rowNumber, _line, { bytes, starts, ends }) {
      for (const [at, found] of samples.entries()) {
        if (found.size >= MOST_SAMPLES) continue;
        const start = starts[at]!;
        const text = bytes.toString('utf8', start, Math.min(ends[at]!, start + SAMPLE_BYTES)).trim();
        const characters = [...text].slice(0, SAMPLE_LENGTH);
        if (characters.length > 0) found.add(characters.join(''));
      }
    },
    reject() {},
    take: () => undefined,
  };
}
