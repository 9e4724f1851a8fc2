/** Reader threads, for tests of the sources: the thread itself is compiled by scripts/currentBuild.mjs. */
import { createReaders, type Readers } from '../../../src/pipeline/readers.js';
import { READING_THREAD } from '../../support/programs.js';

export function compiledReaders(): Readers {
  return createReaders(READING_THREAD);
}
