#!/usr/bin/env node
// The bundle: `--help` takes 0.66, `list` 0.78 of the time that the compiled files take. In a clone the compiled files, if
// they are newer, so that nobody runs an earlier state, or if there is no bundle. CommonJS, because to start with an ES
// module takes 1.15 times as long.
const { statSync } = require('node:fs');
const { join } = require('node:path');

const bundle = join(__dirname, '..', 'bundle', 'main.js');
const changed = (file) => statSync(file, { throwIfNoEntry: false })?.mtimeMs;
const bundled = changed(bundle);
const compiled = ['..', join('..', '..', 'shared')].map((folder) =>
  changed(join(__dirname, folder, 'tsconfig.tsbuildinfo')),
);
if (bundled !== undefined && compiled.every((time) => !(time > bundled))) require(bundle);
else if (changed(join(__dirname, '..', 'dist', 'main.js')) !== undefined) import('../dist/main.js');
else {
  process.stderr.write(
    'error: csvjobs is not built\n  next: npm run setup in the clone; if you installed the package, install it again\n',
  );
  process.exitCode = 1;
}
