/** Fields as the parser leaves them, in sequence with a byte between. */
export function fieldsOf(...texts: string[]) {
  const bytes = Buffer.from(texts.join(','));
  const starts = new Int32Array(texts.length);
  const ends = new Int32Array(texts.length);
  let at = 0;
  for (const [index, text] of texts.entries()) {
    starts[index] = at;
    at += Buffer.byteLength(text);
    ends[index] = at++;
  }
  return { bytes, count: texts.length, starts, ends };
}
