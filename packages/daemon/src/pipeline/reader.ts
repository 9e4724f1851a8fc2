/**
 * Text → batches: the pure stages in a row, for the thread that reads.
 *
 * records (where each starts and ends) → parse (its fields) → validate → batch.
 */
import type { Rejection, RejectionCode } from '@csvjobs/shared';
import { createWriteRow, type WriteRow } from './batch/rowJson.js';
import { shownText } from './batch/shown.js';
import { type Batch, Batcher, type BatchOptions } from './batch.js';
import { type Checkpoint, START } from './checkpoint.js';
import type { Encoding } from './decode/encodings.js';
import { type Header, headerMissing, headerUnreadable, readHeader } from './header.js';
import { CleanText, textFaultMessage } from './parse/clean.js';
import type { Fields } from './parse/fields.js';
import { createParse, type Parse } from './parse.js';
import { FAULT_CODES, faultMessage } from './records/fault.js';
import { RecordCutter, type RecordOptions } from './records.js';
import { cells, createValidator, type Validator } from './validate.js';

export interface ReaderOptions extends BatchOptions, Pick<RecordOptions, 'delimiter' | 'maxRecordBytes'> {
  /** Where to go on: the first byte pushed is the one at its byteOffset. The start of the file where not given. */
  checkpoint?: Checkpoint;
  /** The encoding that the text was in, to be named in messages; utf-8 by default. */
  encoding?: Encoding;
  /** The file's header; needed behind the start of the file, read from the file at its start. */
  header?: Header;
}

/** Where a reader puts what it has made of each record: batches, or what a check makes of it. */
export type Sink = Pick<
  Batcher,
  'full' | 'empty' | 'addValues' | 'addCustomer' | 'reject' | 'rejectFields' | 'take'
>;

/** Push the text's chunks, then end; each call gives the batches that became full, the last also the rest. */
export class Reader {
  readonly #cutter: RecordCutter;
  readonly #clean = new CleanText();
  readonly #parse: Parse;
  readonly #batcher: Sink;
  readonly #options: ReaderOptions;
  #file: FileRules | undefined;
  #rowNumber: number;

  constructor(options: ReaderOptions, into?: Sink) {
    const { delimiter, maxRecordBytes, checkpoint = START, header } = options;
    if (checkpoint.byteOffset > 0) {
      if (header === undefined)
        throw new TypeError('a checkpoint behind the start of the file needs the header of the file');
      this.#file = fileRules(header);
    }
    this.#options = options;
    this.#cutter = new RecordCutter({ delimiter, maxRecordBytes, from: checkpoint });
    this.#parse = createParse(delimiter);
    this.#batcher = into ?? new Batcher(options);
    this.#rowNumber = checkpoint.rowNumber;
  }

  /** The file's header, as soon as it was read. */
  get header(): Header | undefined {
    return this.#file?.header;
  }

  /**
   * Takes the next chunk, of any size. It may be overwritten afterwards.
   *
   * @throws Failure header_invalid
   */
  push(chunk: Uint8Array): Batch[] {
    this.#cutter.push(chunk);
    return this.#read();
  }

  /**
   * There are no more chunks.
   *
   * @throws Failure header_invalid, or file_empty when there was no record at all
   */
  end(): Batch[] {
    this.#cutter.finish();
    const batches = this.#read();
    if (this.#file === undefined) throw headerMissing();
    if (!this.#batcher.empty) batches.push(this.#takeBatch());
    return batches;
  }

  #read(): Batch[] {
    const batches: Batch[] = [];
    while (this.#cutter.next()) {
      if (this.#file === undefined) {
        this.#file = fileRules(headerOf(this.#cutter, this.#parse, this.#options));
        continue;
      }
      this.#rowNumber++;
      this.#readRecord(this.#file);
      if (this.#batcher.full) batches.push(this.#takeBatch());
    }
    return batches;
  }

  #readRecord({ header, validator, writeRow }: FileRules): void {
    const cutter = this.#cutter;
    const { line } = cutter;
    const why = unreadable(cutter, this.#clean, this.#options);
    if (why !== undefined) {
      this.#reject(null, why.code, why.message, { raw: shownText(cutter.raw()) });
      return;
    }
    const fields = this.#parse(cutter);
    if (!fits(fields, header)) {
      const row = cells(fields, header);
      row.raw = shownText(cutter.raw());
      this.#reject(null, 'wrong_number_of_fields', arityMessage(line, fields.count, header), row);
      return;
    }
    if (validator.surelyValid(fields)) {
      this.#batcher.addValues(this.#rowNumber, line, validator.values);
      return;
    }
    const verdict = validator.judge(fields);
    if ('customer' in verdict) this.#batcher.addCustomer(this.#rowNumber, line, verdict.customer);
    else {
      const { column, code, message } = verdict.faults;
      this.#batcher.rejectFields(
        { rowNumber: this.#rowNumber, line, column, code, message },
        fields,
        writeRow,
      );
    }
  }

  #reject(column: string | null, code: RejectionCode, message: string, row: Rejection['row']): void {
    const { line } = this.#cutter;
    this.#batcher.reject({ rowNumber: this.#rowNumber, line, column, code, message, row });
  }

  #takeBatch(): Batch {
    const { nextOffset, nextLine } = this.#cutter;
    return this.#batcher.take({ byteOffset: nextOffset, line: nextLine, rowNumber: this.#rowNumber });
  }
}

/** What the header of a file decides for each of its records. */
interface FileRules {
  header: Header;
  validator: Validator;
  writeRow: WriteRow;
}

function fileRules(header: Header): FileRules {
  return { header, validator: createValidator(header), writeRow: createWriteRow(header) };
}

/**
 * The header that a cutter's first record is.
 *
 * @throws Failure header_invalid
 */
export function headerOf(
  record: RecordCutter,
  parse: Parse,
  options: Pick<ReaderOptions, 'delimiter' | 'maxRecordBytes' | 'encoding'>,
): Header {
  const why = unreadable(record, new CleanText(), options);
  if (why !== undefined) throw headerUnreadable(why.message);
  const fields = parse(record);
  return readHeader(
    Array.from({ length: fields.count }, (_, position) => fields.text(position)),
    options.delimiter,
  );
}

/** Why a record cannot be cut into fields, if it cannot. */
function unreadable(
  { fault, line, bytes, start, end }: RecordCutter,
  clean: CleanText,
  { maxRecordBytes, encoding = 'utf-8' }: Pick<ReaderOptions, 'maxRecordBytes' | 'encoding'>,
): { code: RejectionCode; message: string } | undefined {
  if (fault !== undefined)
    return { code: FAULT_CODES[fault], message: faultMessage(fault, line, maxRecordBytes) };
  const code = clean.fault(bytes, start, end);
  return code && { code, message: `line ${line}: ${textFaultMessage(code, encoding)}` };
}

/** Whether a record has a field for each of the header's, and nothing in fields beyond. */
function fits({ bytes, count, starts, ends }: Fields, { minFields, maxFields }: Header): boolean {
  if (count < minFields) return false;
  for (let position = maxFields; position < count; position++)
    if (bytes.toString('utf8', starts[position], ends[position]).trim() !== '') return false;
  return true;
}

function arityMessage(line: number, found: number, { minFields, maxFields }: Header): string {
  const wanted = found < minFields ? minFields : maxFields;
  return `line ${line}: ${found} ${found === 1 ? 'field' : 'fields'} where the header has ${wanted}; quote a field that has the delimiter or a line end in it`;
}
