/** Pseudo-random numbers, the same for the same seed (mulberry32), so that a run can be repeated. */
export function randomNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed of this run: from FAULTS_SEED or the clock. Each scenario prints it. */
export const SEED = Number(process.env.FAULTS_SEED ?? Date.now() % 1_000_000);
