/**
 * How long tests wait for an expected condition, set before every test file: long enough on two cores at a load of 15, where
 * everything takes about ten times as long. That of vi.waitFor and vi.waitUntil, a second, is too short; expect.poll's is in
 * vitest.config.ts. A test only waits this long if the condition never holds.
 */
import { vi } from 'vitest';

const PATIENCE_MS = 60_000;
const INTERVAL_MS = 20;

// Files that share a process share vi: it is changed once.
const at = globalThis as { ofVitest?: Pick<typeof vi, 'waitFor' | 'waitUntil'> };
at.ofVitest ??= { waitFor: vi.waitFor, waitUntil: vi.waitUntil };
const { waitFor, waitUntil } = at.ofVitest;
const patient = { timeout: PATIENCE_MS, interval: INTERVAL_MS };
vi.waitFor = (look) => waitFor(look, patient);
vi.waitUntil = (look) => waitUntil(look, patient);
