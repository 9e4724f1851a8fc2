export * from './api.js';
export * from './board.js';
export * from './check.js';
export * from './customer.js';
export * from './job.js';
export * from './problem.js';
export * from './progress.js';
export * from './rejection.js';
