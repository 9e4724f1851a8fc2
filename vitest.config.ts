import { defineConfig } from 'vitest/config';
import base from './vitest.base.js';
import { AloneFirst, projects } from './vitest.projects.js';

/** All tests: `npm test`. */
export default defineConfig({
  ...base,
  test: { ...base.test, sequence: { sequencer: AloneFirst }, projects: projects() },
});
