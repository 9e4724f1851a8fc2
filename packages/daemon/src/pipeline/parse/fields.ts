/**
 * The fields of one record, as positions in bytes: fields that are only copied never become strings. The byte before an empty field
 * is a quote (QUOTE) if, and only if, the field has quotes in the file, whatever the dialect's quote is: rows/quotedEmpty.ts.
 */
export class Fields {
  bytes: Buffer = Buffer.alloc(0);
  count = 0;
  starts = new Int32Array(16);
  ends = new Int32Array(16);

  add(start: number, end: number): void {
    if (this.count === this.starts.length) {
      this.starts = doubled(this.starts);
      this.ends = doubled(this.ends);
    }
    this.starts[this.count] = start;
    this.ends[this.count] = end;
    this.count++;
  }

  /** Returns a field as a string, as it is in the file. */
  text(position: number): string {
    return this.bytes.toString('utf8', this.starts[position], this.ends[position]);
  }
}

function doubled(numbers: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(numbers.length * 2);
  larger.set(numbers);
  return larger;
}
