/**
 * How long tests wait for an expected condition, set before every test file: long enough on two cores at a load of 15, where
 * everything takes about ten times as long. vi.waitFor's own default, a second, is too short; expect.poll's is in
 * vitest.config.ts. A test only waits this long if the condition never holds.
 */
import { vi } from 'vitest';

const PATIENCE_MS = 60_000;
const INTERVAL_MS = 20;

// Files that share a process share vi: it is changed once.
const at = globalThis as { waitForOfVitest?: typeof vi.waitFor };
at.waitForOfVitest ??= vi.waitFor;
const waitFor = at.waitForOfVitest;
vi.waitFor = (look) => waitFor(look, { timeout: PATIENCE_MS, interval: INTERVAL_MS });
