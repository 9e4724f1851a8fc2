/** Threads that read, for tests of the sources: the thread itself is compiled, by scripts/currentBuild.mjs. */
import { createReaders, type Readers } from '../../../src/pipeline/readers.js';

const PROGRAM = new URL('../../../dist/pipeline/readingThread.js', import.meta.url);

export function compiledReaders(): Readers {
  return createReaders(PROGRAM);
}
