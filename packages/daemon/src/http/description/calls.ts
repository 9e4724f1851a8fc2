import type { Call } from './call.js';
import { JOB_CALLS } from './jobCalls.js';
import { OPERATION_CALLS } from './operationCalls.js';
import { RESUMABLE_CALLS } from './resumableCalls.js';
import { TABLE_CALLS } from './tableCalls.js';
import { WATCHING_CALLS } from './watchingCalls.js';
import { WEBHOOK_CALLS } from './webhookCalls.js';

/** The calls, grouped by topic: the tags of the description, in their order. */
export const GROUPS: readonly { tag: string; description: string; calls: readonly Call[] }[] = [
  {
    tag: 'jobs',
    description: 'Upload files; list, cancel, retry, load and undo their jobs',
    calls: [...JOB_CALLS, ...RESUMABLE_CALLS],
  },
  {
    tag: 'results',
    description: 'Progress of jobs as events, rejected records, rows that were loaded',
    calls: WATCHING_CALLS,
  },
  { tag: 'tables', description: 'Tables that may be loaded into, and new tables', calls: TABLE_CALLS },
  {
    tag: 'webhooks',
    description: 'Notifications when a job ends, and their deliveries',
    calls: WEBHOOK_CALLS,
  },
  { tag: 'operation', description: 'Tokens, health, metrics and this description', calls: OPERATION_CALLS },
];

/** Everything that the API answers to. */
export const CALLS: readonly Call[] = GROUPS.flatMap(({ calls }) => calls);
