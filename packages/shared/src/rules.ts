/**
 * Rules and names that need no zod, exported separately as `@csvjobs/shared/rules`: zod and the schemas take a third of the
 * time of `csvjobs list`, and 0.2 CPU seconds of each thread that reads a file.
 */

export * from './assumed.js';
export * from './customer.js';
export * from './customersSpec.js';
export { emailFault, emailMessage } from './emailAdvice.js';
export { isFinal } from './isFinal.js';
export { leftByUndo } from './leftByUndo.js';
export * from './maxErrors.js';
export { editDistance, isMisspelt } from './misspelt.js';
export * from './modeRules.js';
export * from './modes.js';
export * from './reason.js';
export * from './retry.js';
export * from './target/advice.js';
export * from './target/alternativeFields.js';
export { type Concept, ONE_OF_SEVERAL } from './target/concepts.js';
export {
  CONTACT_PERSONS,
  DOUBTFUL_COMPANIES,
  DOUBTFUL_EMAILS,
  HALF_NAMES,
  PLAIN_NAMES,
} from './target/doubtfulNames.js';
export * from './target/findColumns.js';
export { conceptNames, conceptOf, findConcepts, withoutSharedOwner } from './target/findConcept.js';
export * from './target/headers.js';
export * from './target/identifiers.js';
export * from './target/listed.js';
export { numberedNames } from './target/numberedNames.js';
export * from './target/reasons.js';
export * from './target/required.js';
export * from './target/shownReason.js';
export * from './target/shownSource.js';
export * from './target/specOf.js';
export * from './target/tableName.js';
export * from './target/tablePattern.js';
export { timeZoneFault } from './target/timeZone.js';
export { BARE_PHONES } from './target/wordsAroundNames.js';
export * from './withNoun.js';
