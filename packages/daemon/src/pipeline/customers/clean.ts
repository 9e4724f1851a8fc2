/**
 * Cleans the values of a record of `customers` before any rule applies: they are made of several fields or as the spec
 * says (madeCustomers.ts), tidied (validate/tidy.ts), and trimmed.
 */
import type { TargetReason } from '@csvjobs/shared';
import { CUSTOMER_COLUMNS } from '@csvjobs/shared/reading';
import { isPlainEmail } from '../../rows/readings/plainEmail.js';
import type { CustomerValues } from '../header.js';
import { createCustomerMaker } from '../madeCustomers.js';
import { Fields } from '../parse/fields.js';
import { valueEnd, valueStart } from '../validate/edges.js';
import { mayBeTidied, mayBeUntidy, tidied } from '../validate/tidy.js';
import { cells, EMAIL, type Values } from '../validate.js';

/** A cleaned record, valid until the next one is cleaned. */
export interface Cleaned {
  values: Fields;
  /** The faults that a spec finds in it. */
  faults: readonly TargetReason[];
  /** What was assumed about its values, one sentence each. */
  assumed: readonly string[];
}

export interface Cleaner {
  (fields: Fields): Cleaned;
  /** Returns the values of customers' own columns as a report shows them. */
  shown(fields: Fields): Record<string, string>;
}

const NONE: readonly never[] = [];

export function createCleaner(header: CustomerValues): Cleaner {
  const make = header.made && createCustomerMaker(header.made);
  const positions = CUSTOMER_COLUMNS.map((column) => header.positions[column]);
  const values: Values = {
    bytes: Buffer.alloc(0),
    starts: new Int32Array(positions.length),
    ends: new Int32Array(positions.length),
  };
  const trimmed = new Fields();

  /** Finds the values of customers' own columns. Columns that the file lacks stay empty. */
  function find({ bytes, starts, ends, count }: Fields): void {
    values.bytes = bytes;
    for (let column = 0; column < positions.length; column++) {
      const position = positions[column]!;
      if (position === -1 || position >= count) continue;
      const start = valueStart(bytes, starts[position]!, ends[position]!);
      values.starts[column] = start;
      values.ends[column] = valueEnd(bytes, start, ends[position]!);
    }
  }

  /** Returns the record with those values in place of its fields. */
  function trim({ bytes, starts, ends, count }: Fields): Fields {
    trimmed.bytes = bytes;
    trimmed.count = 0;
    for (let at = 0; at < count; at++) trimmed.add(starts[at]!, ends[at]!);
    for (let column = 0; column < positions.length; column++) {
      const position = positions[column]!;
      if (position === -1) continue;
      trimmed.starts[position] = values.starts[column]!;
      trimmed.ends[position] = values.ends[column]!;
    }
    return trimmed;
  }

  function clean(fields: Fields): Cleaned {
    const { read, faults } = make ? make(fields) : { read: fields, faults: NONE };
    find(read);
    if (!header.strict && (isPlain(values) ? mayBeUntidy(values) : mayBeTidied(values))) {
      const tidy = tidied(read, header);
      if (tidy) {
        find(tidy.fields);
        return { values: trim(tidy.fields), faults, assumed: tidy.assumed };
      }
    }
    return { values: trim(read), faults, assumed: NONE };
  }

  const shown = (fields: Fields) => cells(make ? make(fields).shown : fields, header);
  return Object.assign(clean, { shown });
}

/** Returns whether the e-mail is certainly valid and no required value is empty: then fewer things may need tidying. */
function isPlain({ bytes, starts, ends }: Values): boolean {
  for (const column of REQUIRED) if (starts[column] === ends[column]) return false;
  return isPlainEmail(bytes, starts[EMAIL]!, ends[EMAIL]!);
}

const REQUIRED = [CUSTOMER_COLUMNS.indexOf('name'), CUSTOMER_COLUMNS.indexOf('company')];
