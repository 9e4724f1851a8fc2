/** Where reading continues. Every batch carries this value, and its transaction stores it on the job. */
export interface Checkpoint {
  /** Bytes of the decoded text (UTF-8, without its BOM) already processed; the next record starts there or after. */
  byteOffset: number;
  /** The physical line of the file at that offset; 1 is the first. */
  line: number;
  /** Data records before that offset, so also the row number of the last one of them. */
  rowNumber: number;
}

/** Nothing has been read yet, not even the header. */
export const START: Checkpoint = { byteOffset: 0, line: 1, rowNumber: 0 };
