/** The files of a table: all records as csvjobs gets them, the good ones as \copy needs them, and those that can be told apart by reading. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';

/**
 * Writes three files, header first: all records; the good ones; the good ones and those with values that cannot be read.
 * @param records of `{ record, what }`: `good`, `bad` (cannot be read), or the rule of the table that it breaks
 */
export async function writeTableFiles(prefix, header, records) {
  const paths = {
    path: `${prefix}.csv`,
    goodPath: `${prefix}.good.csv`,
    readablePath: `${prefix}.readable.csv`,
  };
  const out = Object.values(paths).map((path) => ({
    file: createWriteStream(path),
    text: `${header.join(',')}\n`,
  }));
  const counts = { good: 0, unreadable: 0 };
  for (const { record, what } of records) {
    if (what === 'good') counts.good++;
    if (what === 'bad') counts.unreadable++;
    const takes = [true, what === 'good', what === 'good' || what === 'bad'];
    for (const [at, each] of out.entries()) {
      if (!takes[at]) continue;
      each.text += `${record}\n`;
      if (each.text.length < 1 << 18) continue;
      if (!each.file.write(each.text)) await once(each.file, 'drain');
      each.text = '';
    }
  }
  for (const { file, text } of out) {
    file.end(text);
    await finished(file);
  }
  return { ...paths, ...counts };
}
