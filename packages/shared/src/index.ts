export * from './api.js';
export * from './assumed.js';
export * from './board.js';
export * from './chain.js';
export * from './check.js';
export * from './customer.js';
export * from './customersSpec.js';
export * from './dialect.js';
export { emailFault, emailMessage } from './emailAdvice.js';
export * from './fileReading.js';
export * from './held.js';
export * from './job.js';
export * from './loadMode.js';
export * from './mapping.js';
export { editDistance, isMisspelt } from './misspelt.js';
export * from './output.js';
export * from './preview.js';
export * from './problem.js';
export * from './progress.js';
export * from './reason.js';
export * from './rejection.js';
export * from './rules.js';
export * from './sniff.js';
export * from './target/advice.js';
export * from './target/alternative.js';
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
export * from './target/newTable.js';
export { numberedNames } from './target/numberedNames.js';
export * from './target/proposal.js';
export * from './target/readSpec.js';
export * from './target/readSpecText.js';
export * from './target/reasons.js';
export * from './target/shownReason.js';
export * from './target/shownSource.js';
export * from './target/spec.js';
export * from './target/specOf.js';
export * from './target/tableList.js';
export * from './target/tablePattern.js';
export * from './target/target.js';
export { BARE_PHONES } from './target/wordsAroundNames.js';
export * from './token.js';
export * from './undo.js';
export * from './webhook.js';
export * from './withNoun.js';
