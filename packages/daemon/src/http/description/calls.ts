import type { Call } from './call.js';
import { JOB_CALLS } from './jobCalls.js';
import { OPERATION_CALLS } from './operationCalls.js';
import { TABLE_CALLS } from './tableCalls.js';
import { WATCHING_CALLS } from './watchingCalls.js';

/** Everything that the API answers to. */
export const CALLS: readonly Call[] = [...JOB_CALLS, ...WATCHING_CALLS, ...TABLE_CALLS, ...OPERATION_CALLS];
