/** The home of undici, which is loaded at the first request with a body, a stream or a proxy. */
import { setFlagsFromString } from 'node:v8';

export type { Agent, Dispatcher, EnvHttpProxyAgent } from 'undici';

/**
 * V8's budget for running WebAssembly before it compiles it a second time, for speed. undici's HTTP parser exceeds the
 * usual budget at once, and compiling it takes 0.15 of the 0.35 CPU seconds of an upload. It would pay off only if
 * answers were long: the bytes of a body are not parsed.
 */
const TIERING_BUDGET = 1_000_000_000;

/** Loads undici. Sets the budget first: V8 reads it when it loads WebAssembly, and nothing else here does. */
export function loadUndici(): Promise<typeof import('undici')> {
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  return import('undici');
}
