#!/usr/bin/env node
// Not the compiled file itself: npm links programs before anything is built, and only those that are there.
import { existsSync } from 'node:fs';

const program = new URL('../dist/main.js', import.meta.url);
if (existsSync(program)) import(program.href);
else {
  process.stderr.write(
    'error: csvjobsd is not built\n  next: npm run setup in the clone; if you installed the package, install it again\n',
  );
  process.exitCode = 1;
}
