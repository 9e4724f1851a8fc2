export * from './api.js';
export * from './customer.js';
export * from './job.js';
export * from './problem.js';
export * from './progress.js';
export * from './rejection.js';
export * from './token.js';
