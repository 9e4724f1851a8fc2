import type { RunDependencies } from '../../../src/pipeline/run.js';

type Readers = RunDependencies['readers'];

/** Reading threads that count how many readings have been opened and closed. */
export function countedReaders(readers: Readers): {
  counts: { opened: number; closed: number };
  readers: Readers;
} {
  const counts = { opened: 0, closed: 0 };
  const open: Readers['open'] = (task, warn) => {
    counts.opened++;
    const reading = readers.open(task, warn);
    const close = async () => {
      counts.closed++;
      await reading.close();
    };
    return { ...reading, close };
  };
  return { counts, readers: { open } };
}
