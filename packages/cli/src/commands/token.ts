/** `csvjobs token`: creates, lists and revokes the tokens of a daemon. Needs a token of scope admin. */
import type { ApiToken, TokenScope } from '@csvjobs/shared';
import { mayMean, quoteIfNeeded } from '@csvjobs/shared/rules';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { type Cell, type Column, table } from '../text/table.js';
import { age, clean, shellQuote, toJson } from '../text/text.js';
import { UserError, usageError } from '../userError.js';

const COLUMNS: readonly Column[] = [
  { title: 'NAME', flexible: { min: 8 } },
  { title: 'SCOPE' },
  { title: 'TABLES', drop: 3 },
  { title: 'CREATED', align: 'right', drop: 1 },
  { title: 'USED', align: 'right', drop: 2 },
  { title: 'STATUS' },
];

/** Prints only the token on stdout, for `CSVJOBS_TOKEN=$(…)`; it is not shown again. */
export async function createToken(
  context: Context,
  { name, scope, tables }: { name: string; scope: TokenScope; tables: string[] | undefined },
): Promise<ExitCode> {
  if (tables) await assertPatterns(context, { name, scope, tables });
  const made = await (await context.client()).createToken({ name, scope, ...(tables && { tables }) });
  const { out, err, json, quiet } = context;
  out.line(json ? toJson(made, out.tty ? 2 : undefined) : clean(made.token));
  if (!json && !quiet)
    err.line(`Created token "${made.name}" (${madeFor(made)}). Copy it now; it won't be shown again.`);
  return EXIT.done;
}

/** @throws UserError (exit 2) for an invalid table pattern; if only the schema is missing, with the whole command */
async function assertPatterns(
  context: Context,
  { name, scope, tables }: { name: string; scope: TokenScope; tables: readonly string[] },
): Promise<void> {
  const { parseTablePattern, TablePatternInvalid } = await import('@csvjobs/shared');
  const isPattern = (text: string) => {
    try {
      return parseTablePattern(text) !== undefined;
    } catch {
      return false;
    }
  };
  for (const text of tables) {
    try {
      parseTablePattern(text);
    } catch (error) {
      if (!(error instanceof TablePatternInvalid)) throw error;
      const whole = await Promise.all(
        tables.map(async (each) => (isPattern(each) ? each : `${await schemaOf(context, each)}.${each}`)),
      );
      const next = whole.every(isPattern)
        ? ['csvjobs token create --name', shellQuote(name), '--scope', scope]
            .concat(whole.map((each) => `--table ${shellQuote(each)}`))
            .join(' ')
        : 'csvjobs tables';
      throw usageError(`--table ${clean(text)} is not a table pattern`, clean(error.message), next);
    }
  }
}

/** Returns the schema of the only table with this name, otherwise `public`. */
async function schemaOf(context: Context, name: string): Promise<string> {
  const known = await (await context.client()).tables().catch(() => []);
  const found = known.filter((table) => mayMean(name, table));
  return found.length === 1 ? quoteIfNeeded(found[0]!.schema) : 'public';
}

export async function listTokens(context: Context): Promise<ExitCode> {
  const tokens = await (await context.client()).tokens();
  const { out, err, json, quiet } = context;
  if (json) out.line(toJson(tokens, out.tty ? 2 : undefined));
  else if (quiet) for (const { name, revokedAt } of tokens) revokedAt === null && out.line(clean(name));
  else if (tokens.length === 0) err.hint('There are no tokens yet. Next: csvjobs token create --name <name>');
  else for (const line of await table(COLUMNS, tokens.map(cells), out.columns, out.paint.dim)) out.line(line);
  return EXIT.done;
}

export async function revokeToken(context: Context, name: string): Promise<ExitCode> {
  const client = await context.client();
  const found = (await client.tokens()).find(
    (token) => token.revokedAt === null && (token.name === name || token.id === name),
  );
  if (!found)
    throw new UserError({
      code: 'token_not_found',
      exitCode: EXIT.usage,
      what: `There is no active token named "${clean(name)}"`,
      next: 'csvjobs token list',
    });
  await client.revokeToken(found.id);
  context.out.line(context.json ? toJson({ id: found.id, name: found.name }) : clean(found.name));
  return EXIT.done;
}

function madeFor({ scope, tables }: ApiToken): string {
  return tables ? `${scope}, for ${clean(tables.join(', '))}` : scope;
}

function cells({ name, scope, tables, createdAt, lastUsedAt, revokedAt }: ApiToken): Cell[] {
  const ago = (time: string) => age(Math.max(0, Date.now() - Date.parse(time)));
  return [
    { text: clean(name) },
    { text: scope },
    { text: clean(tables?.join(', ') ?? 'all') },
    { text: ago(createdAt) },
    { text: lastUsedAt === null ? 'never' : ago(lastUsedAt) },
    {
      text:
        revokedAt === null
          ? 'in use'
          : `revoked ${ago(revokedAt) === 'now' ? 'just now' : `${ago(revokedAt)} ago`}`,
    },
  ];
}
