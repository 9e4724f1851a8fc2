/** The beginning of a report, for a terminal. */

const LINE_END = 0x0a;
const QUOTE = 0x22;

/**
 * Streams the first `most` records of CSV (or lines of NDJSON). A line end within quotes does not end a record (RFC
 * 4180, 2.6).
 * @param cut called if there are more
 */
export async function* firstRecords(
  report: AsyncIterable<Buffer>,
  most: number,
  cut: () => void,
): AsyncGenerator<Buffer> {
  let records = 0;
  let quoted = false;
  for await (const chunk of report) {
    for (let at = 0; at < chunk.length; at += 1) {
      if (records === most) {
        if (at > 0) yield chunk.subarray(0, at);
        return cut();
      }
      if (chunk[at] === QUOTE) quoted = !quoted;
      else if (chunk[at] === LINE_END && !quoted) records += 1;
    }
    yield chunk;
  }
}
