/**
 * Finds which field of a file would fill which column of a table, without a database: passes the gate for uploads,
 * except for what the header must name, then reads the header and the values of the first records.
 */
import {
  CUSTOMERS_TARGET,
  type FileField,
  loadableCustomers,
  type MappingAnswer,
  MOST_SAMPLES,
  SAMPLED_RECORDS,
  type Source,
  type Target,
} from '@csvjobs/shared';
import { asFailure, Failure } from '../failure.js';
import { admit } from '../intake/gate.js';
import { localFile } from '../intake/offeredFile.js';
import { tableWords } from '../rows/headerWords.js';
import { mappedColumns } from '../rows/mapping.js';
import { type HeaderKnowledge, SpecMismatch } from '../rows/rowPlan.js';
import type { JobInto } from '../sql/jobTarget.js';
import { readRecords } from './check/readRecords.js';
import type { CheckTask } from './checkFile.js';
import { knownNames } from './customersHeader.js';
import type { HeaderParts } from './header.js';
import { type HeaderRule, headerRuleFor } from './headerRule.js';
import { missingRights } from './missingRights.js';
import { noticeTexts } from './notice.js';
import type { Sink } from './sink.js';
import { surveyBy } from './surveyFile.js';

export type MapTask = Omit<CheckTask, 'mostKeys' | 'first'>;

/** @throws errors of the file system */
export async function mapFile(task: MapTask): Promise<MappingAnswer> {
  const { into } = task;
  try {
    const { fields, source } = await readFields(task);
    const { encoding, delimiter, compression } = source;
    const target = tableSeen(into);
    return {
      type: 'mapped',
      source: { encoding, delimiter, compression },
      fields,
      columns: mappedColumns(target, into?.spec, fields, knowledgeOf(into)),
      ...verdictOn(into, fields, delimiter),
    };
  } catch (error) {
    const failure = asFailure(error);
    if (failure.retryable || failure.code === 'unexpected') throw error;
    return { type: 'refused', code: failure.code, message: failure.message };
  }
}

/** Returns the table of a file with the columns that a file may fill. */
function tableSeen(into: JobInto): Target {
  if (!into?.target) return CUSTOMERS_TARGET;
  return into.customers ? loadableCustomers(into.target) : into.target;
}

function knowledgeOf(into: JobInto): HeaderKnowledge {
  const isOther = into?.target !== undefined && !into.customers;
  return { words: tableWords(tableSeen(into)), known: isOther ? () => [] : knownNames };
}

/** Returns the faults and notices that a load would report for this header. */
function verdictOn(into: JobInto, fields: readonly FileField[], delimiter: string) {
  const names = fields.map(({ name }) => name);
  try {
    const header = headerRuleFor(into)(names, delimiter);
    const lacked = missingRights(into, header);
    const notices = noticeTexts(header.notices);
    return { faults: [], notices, ...(lacked !== undefined && { missingRights: lacked }) };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { cause, message } = error;
    return { faults: cause instanceof SpecMismatch ? [...cause.faults] : [message], notices: [] };
  }
}

interface NamedHeader extends HeaderParts {
  /** All cells, trimmed. */
  names: string[];
}

interface FieldsOfFile {
  fields: FileField[];
  source: Source;
}

/**
 * Reads the header that a load would accept; if it accepts none, reads it as if the columns were not known beforehand.
 */
async function readFields(task: MapTask): Promise<FieldsOfFile> {
  const rule = headerRuleFor(task.into);
  const read = (cells: readonly string[], delimiter: string): NamedHeader => ({
    ...rule(cells, delimiter),
    names: cells.map((cell) => cell.trim()),
  });
  try {
    // It does not matter here whether a record is valid.
    const { isSound: _, ...rest } = { ...rule };
    return await fieldsBy(Object.assign(read, rest), task);
  } catch (error) {
    if (!DOES_NOT_FIT.includes(asFailure(error).code)) throw error;
    return await fieldsBy(anyNames(rule.wanted), task);
  }
}

/** Returns a rule that accepts any number of any names, even if they are more than the table's columns. */
function anyNames(wanted: string): HeaderRule<NamedHeader> {
  const read = (cells: readonly string[]): NamedHeader => {
    const names = cells.map((cell) => cell.trim());
    const named = names.findLastIndex((name) => name !== '') + 1;
    return { names, named, cells: cells.length, nameless: [], notices: [] };
  };
  return Object.assign(read, { wanted, nameless: () => [] });
}

const DOES_NOT_FIT = ['header_invalid', 'spec_mismatch', 'key_unusable'];

/** @throws {Failure} the one with which an upload of the file is refused, or its job fails */
async function fieldsBy(rule: HeaderRule<NamedHeader>, task: MapTask): Promise<FieldsOfFile> {
  const { path, overrides, limits, maxUploadBytes } = task;
  await admit(await localFile(path, overrides), { ...limits, maxUploadBytes }, rule);
  const first = { ...task, first: SAMPLED_RECORDS };
  const file = await surveyBy(rule, { ...first, input: { kind: 'file', path } });
  const names = file.header.names.slice(0, file.header.named);
  const samples = names.map(() => new Set<string>());
  for await (const _ of readRecords(first, file, rule, samplingSink(samples)));
  return {
    fields: names.map((name, at) => ({ name, samples: [...samples[at]!] })),
    source: file.source,
  };
}

/** Maximum length of a sample, in characters: the start of a value is enough to recognize it. */
const SAMPLE_LENGTH = 80;
/** Number of bytes to read of a value: a character has at most four. */
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
      return true;
    },
    reject() {},
    take: () => undefined,
  };
}
