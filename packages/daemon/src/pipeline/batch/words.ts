/** Bytes that are read and written four at a time. */
export interface Words {
  bytes: Buffer;
  /** The same bytes. */
  words: DataView;
}

export function wordsOf(bytes: Buffer): Words {
  return { bytes, words: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) };
}

/** `set` and `copy` make an object for each call, which costs more than copying short values like this. */
export function copyWords(from: DataView, start: number, into: DataView, at: number, size: number): void {
  const words = size & ~3;
  let done = 0;
  for (; done < words; done += 4) into.setInt32(at + done, from.getInt32(start + done));
  for (; done < size; done++) into.setUint8(at + done, from.getUint8(start + done));
}
