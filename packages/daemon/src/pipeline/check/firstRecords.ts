/** The first records of a file, if not all of them are requested. */
import type { HeaderParts } from '../header.js';
import type { Sink } from '../sink.js';

export interface FirstRecords<Taken, Of extends HeaderParts> extends Sink<Taken, Of> {
  /** Whether a record after the last requested one has come. */
  readonly over: boolean;
}

/** Returns a sink that takes the first `most` records and ignores all others. */
export function firstRecords<Taken, Of extends HeaderParts>(
  sink: Sink<Taken, Of>,
  most: number,
): FirstRecords<Taken, Of> {
  let over = false;
  const wanted = (rowNumber: number) => {
    over ||= rowNumber > most;
    return rowNumber <= most;
  };
  return {
    get full() {
      return sink.full;
    },
    get empty() {
      return sink.empty;
    },
    get over() {
      return over;
    },
    begin: (header) => sink.begin(header),
    isSound: (fields) => sink.isSound(fields),
    add(rowNumber, line, fields, record) {
      return wanted(rowNumber) ? sink.add(rowNumber, line, fields, record) : true;
    },
    reject(reject, fields, raw) {
      if (wanted(reject.rowNumber)) sink.reject(reject, fields, raw);
    },
    take: (checkpoint) => sink.take(checkpoint),
  };
}
