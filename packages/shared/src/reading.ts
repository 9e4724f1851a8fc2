/**
 * What the thread that reads a file needs, exported separately as `@csvjobs/shared/reading`: with all schemas, the start
 * of a thread takes 0.34 CPU seconds instead of 0.26.
 */
export * from './assumed.js';
export * from './customer.js';
export * from './customersSpec.js';
export { emailFault, emailMessage } from './emailAdvice.js';
export { isMisspelt, nearest } from './misspelt.js';
export * from './reason.js';
export * from './rules.js';
export * from './target/advice.js';
export * from './target/calledFunctions.js';
export { type Concept, ONE_OF_SEVERAL } from './target/concepts.js';
export * from './target/conflictKeys.js';
export {
  CONTACT_PERSONS,
  DOUBTFUL_COMPANIES,
  DOUBTFUL_EMAILS,
  HALF_NAMES,
  PLAIN_NAMES,
} from './target/doubtfulNames.js';
export * from './target/fillable.js';
export * from './target/findColumns.js';
export { conceptNames, conceptOf, findConcepts, withoutSharedOwner } from './target/findConcept.js';
export * from './target/headers.js';
export * from './target/identifiers.js';
export { declaredWords, localBoolean } from './target/likelyForm.js';
export * from './target/listed.js';
export { numberedNames } from './target/numberedNames.js';
export * from './target/reasons.js';
export * from './target/shownReason.js';
export * from './target/shownSource.js';
export * from './target/specOf.js';
export * from './target/tablePattern.js';
export { BARE_PHONES } from './target/wordsAroundNames.js';
export * from './withFullStop.js';
export * from './withNoun.js';
