/** `csvjobs create-table`: proposes a table for a file, from all of its values; --apply creates it. */
import type { Proposal } from '@csvjobs/shared';
import { writeTableName } from '@csvjobs/shared/rules';
import { type DialectFlags, dialectOptions } from '../config/dialectOptions.js';
import type { Context } from '../context.js';
import { EXIT, type ExitCode } from '../exitCodes.js';
import { type ProposalOptions, tableProposal } from '../localDaemon/checkProgram.js';
import { shownNotices } from '../report/notices.js';
import { clean, count, fileArgument, shellQuote, toJson } from '../text/text.js';
import { UserError, usageError } from '../userError.js';
import { openLocal } from './localFile.js';
import { refusal } from './refusal.js';

export interface CreateTableOptions extends ProposalOptions {
  apply: boolean;
  /** What the spec says, for the printed command. */
  flags: DialectFlags;
}

/** Limits for the notices shown; --json has all. */
const SHOWN = { most: 20, length: 400 };

/** Prints the statement on stdout, and notices about it on stderr. */
export async function createTable(
  context: Context,
  file: string,
  { apply, flags, ...options }: CreateTableOptions,
): Promise<ExitCode> {
  const proposal = await proposed(context, file, options);
  const created = apply ? await made(context, proposal) : undefined;
  const { out, err, json, quiet } = context;
  if (json) {
    out.line(toJson({ ...proposal, created: created ?? null }, out.tty ? 2 : undefined));
    return EXIT.done;
  }
  out.stream.write(proposal.ddl);
  if (quiet) return EXIT.done;
  // On a terminal the statement's comments are already visible right above.
  const notices = proposal.notices.filter((notice) => !out.tty || !proposal.ddl.includes(`-- ${notice}\n`));
  const { texts, more } = shownNotices(notices, SHOWN);
  for (const text of texts) err.line(`${clean(file)}: notice: ${text}`);
  if (more > 0) err.line(`${clean(file)}: ${count(more)} more notices (--json has all)`);
  const name = file === '-' ? '<file>' : fileArgument(file);
  const { encoding, delimiter } = options;
  const said = [
    ...(encoding === undefined ? [] : ['--encoding', encoding]),
    ...(delimiter === undefined ? [] : ['--delimiter', delimiter]),
    ...dialectOptions(flags),
    ...proposal.columns.flatMap(({ name: column, field }) =>
      field === undefined || column.includes('=') ? [] : ['--map', `${column}=${field}`],
    ),
  ];
  const load = ['--into', created ?? '', ...said].map(shellQuote).join(' ');
  if (created !== undefined) err.hint(`Created ${clean(created)}. Load it: csvjobs upload ${name} ${load}`);
  else err.line(err.paint.dim('Nothing was created: add --apply, or run the statement with psql.'));
  return EXIT.done;
}

async function proposed(context: Context, file: string, options: ProposalOptions): Promise<Proposal> {
  const { path, remove } = await openLocal(context, file);
  try {
    const answer = await tableProposal(path, options, context.signal);
    if (answer.type === 'refused') throw refusal(file, answer);
    if (answer.type === 'unfit')
      throw usageError(
        'The table cannot have this key',
        clean(answer.message),
        'leave --key out, or name other columns',
      );
    const { type: _, ...proposal } = answer;
    return proposal;
  } finally {
    await remove();
  }
}

/** Creates the table; returns its name with its schema. */
async function made(context: Context, { table, columns, key }: Proposal): Promise<string> {
  const client = await context.client();
  try {
    const answer = await client.createTable({
      table,
      columns: columns.map(({ name, type }) => ({ name, type })),
      key,
    });
    return writeTableName(answer.table);
  } catch (error) {
    if (!(error instanceof UserError) || error.code !== 'table_exists') throw error;
    const { code, exitCode, message, why, cause } = error;
    throw new UserError({
      code,
      exitCode,
      what: message,
      why,
      next: `csvjobs describe ${shellQuote(table)}`,
      cause,
    });
  }
}
