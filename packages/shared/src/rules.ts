/**
 * Rules and names that need no zod, exported separately as `@csvjobs/shared/rules`: loading zod and the schemas takes a
 * third of the time of `csvjobs list`.
 */
export { byName, ownValue } from './byName.js';
export { isFinal } from './isFinal.js';
export { leftByUndo } from './leftByUndo.js';
export * from './maxErrors.js';
export * from './modeRules.js';
export * from './modes.js';
export { progressOf } from './progressOf.js';
export * from './retry.js';
export { tableOfJob } from './tableOfJob.js';
export * from './target/alternativeFields.js';
export { listed } from './target/listed.js';
export * from './target/missingRights.js';
export { NOW, withoutTimeOfNow, withTimeOfNow } from './target/now.js';
export * from './target/required.js';
export { specOfFixes } from './target/specOfFixes.js';
export * from './target/tableName.js';
export { timeZoneFault } from './target/timeZone.js';
export { utcMinute } from './utcMinute.js';
export * from './withFullStop.js';
