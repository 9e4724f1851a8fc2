// Lints docs/openapi.json, which a test keeps equal to what a daemon answers, by the recommended rules of Redocly; a warning
// counts as much as an error. Exit 0 when nothing is found, 1 with a line for each finding. Redocly's engine is used by
// itself: its command line brings a renderer of pages, sends usage figures, and looks for its own updates.
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConfig, lintFromString } from '@redocly/openapi-core';

const file = resolve(
  process.argv[2] ?? resolve(dirname(fileURLToPath(import.meta.url)), '../docs/openapi.json'),
);
const config = await createConfig({ extends: ['recommended'] });
const findings = await lintFromString({ source: readFileSync(file, 'utf8'), absoluteRef: file, config });

for (const { ruleId, severity, message, location } of findings)
  console.error(`${location[0]?.pointer ?? ''}: ${message} (${ruleId}, ${severity})`);
if (findings.length > 0) {
  console.error(
    `API description: ${findings.length} findings; the calls are described in packages/daemon/src/http/description`,
  );
  process.exit(1);
}
console.log('API description: by the recommended rules of Redocly, without a warning');
