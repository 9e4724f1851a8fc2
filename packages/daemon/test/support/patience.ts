/**
 * How long tests wait for what must come, before every test file: long enough on two cores with a load of 15, where all
 * takes some ten times as long. vi.waitFor's own default, a second, is not; expect.poll's is in vitest.config.ts. A test
 * waits for as long as this only when what it waits for never comes.
 */
import { vi } from 'vitest';

const PATIENCE_MS = 60_000;
const INTERVAL_MS = 20;

// Files that share a process have the same vi: it is changed once.
const at = globalThis as { waitForOfVitest?: typeof vi.waitFor };
at.waitForOfVitest ??= vi.waitFor;
const waitFor = at.waitForOfVitest;
vi.waitFor = (look) => waitFor(look, { timeout: PATIENCE_MS, interval: INTERVAL_MS });
