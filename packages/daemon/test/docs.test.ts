/** Generated documents cannot drift from the program; `npm run docs` updates them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { PROBLEMS } from '@csvjobs/shared';
import openapiTS, { astToString, type OpenAPI3 } from 'openapi-typescript';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { variables } from '../src/configDescription.js';
import { describeApi } from '../src/http/description/openapi.js';
import { version } from '../src/version.js';

const path = (name: string) => fileURLToPath(new URL(`../../../${name}`, import.meta.url));

test('docs/openapi.json matches the response of /api/openapi.json', async () => {
  const text = JSON.stringify(describeApi(version), null, 2);
  await expect(`${text}\n`).toMatchFileSnapshot(path('docs/openapi.json'));
});

/**
 * The types for e2e/test/typedClient.test.ts; generated here, because the description is compiled into the
 * daemon.
 */
test('e2e/client/api.ts has the types that openapi-typescript generates from the description', async () => {
  const file = ts.factory.createTypeReferenceNode('Blob');
  const tree = await openapiTS(structuredClone(describeApi(version)) as OpenAPI3, {
    // As in docs/api.md: uploaded files are Blobs to a program.
    transform: (schema) =>
      'contentMediaType' in schema && schema.contentMediaType === 'application/octet-stream'
        ? file
        : undefined,
  });
  const head = '/** Made from the description of the API by `npm run docs`; not to be changed by hand. */\n';
  await expect(head + astToString(tree)).toMatchFileSnapshot(path('e2e/client/api.ts'));
});

test('docs/configuration.md has every variable with its default and description', async () => {
  const rows = variables().map(({ name, fallback, description }) => {
    const cells = [`\`${name}\``, fallback === undefined ? '' : `\`${fallback}\``, description];
    return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  });
  const text = `# Configuration

The daemon is configured by environment variables. An empty one counts as not set. \`csvjobsd --check-config\` shows what
is in effect, without secrets, and names what is wrong or looks mistyped. Containers set some of these to other values
than the defaults here: see docker-compose.yml and .env.example. The settings of the command line are in docs/cli.md.

| Variable | Default | |
| --- | --- | --- |
${rows.join('\n')}
`;
  await expect(text).toMatchFileSnapshot(path('docs/configuration.md'));
});

test('docs/errors.md lists every code, with its status and title, and a page below it describes it', async () => {
  const pages = readdirSync(path('docs/errors')).sort();
  const found = pages.flatMap((page) =>
    readFileSync(path(`docs/errors/${page}`), 'utf8')
      .split(/^## /m)
      .slice(1)
      .map((section) => {
        const [code = '', , line, , ...text] = section.split('\n');
        expect(text.join(' ').trim().length, code).toBeGreaterThan(40);
        return { page, code, line };
      }),
  );
  const codes = Object.entries(PROBLEMS).map(([code, { status, title }]) => ({
    code,
    line: `${status} · ${title}`,
  }));
  const byCode = (one: { code: string }, other: { code: string }) => (one.code < other.code ? -1 : 1);
  expect(found.map(({ code, line }) => ({ code, line })).sort(byCode)).toEqual([...codes].sort(byCode));

  const [intro] = readFileSync(path('docs/errors.md'), 'utf8').split('| Code |');
  const rows = Object.entries(PROBLEMS).map(([code, { status, title }]) => {
    const page = found.find((each) => each.code === code)!.page;
    return `| [${code}](errors/${page}#${code}) | ${status} | ${title} |`;
  });
  const text = `${intro}| Code | Status | |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
  await expect(text).toMatchFileSnapshot(path('docs/errors.md'));
});
