/** Answers of the daemon, checked against the schemas of @csvjobs/shared. */
import type { z } from 'zod';
import type { Connection } from './connection.js';
import { notUnderstood } from './daemonError.js';
import { parseJson } from './parseJson.js';

/** Schemas of @csvjobs/shared that answers are checked against. */
export type AnswerSchema =
  | 'jobListSchema'
  | 'jobSummaryListSchema'
  | 'jobSchema'
  | 'earlierSchema'
  | 'uploadedSchema'
  | 'resumableUploadSchema'
  | 'tableListSchema'
  | 'tableDescriptionSchema'
  | 'tokenListSchema'
  | 'createdTokenSchema'
  | 'createdTableSchema'
  | 'previewSchema'
  | 'undoResultSchema'
  | 'webhooksSchema'
  | 'webhookDeliverySchema'
  | 'redeliveredSchema';
export type Answered<Name extends AnswerSchema> = z.infer<typeof import('@csvjobs/shared')[Name]>;

/**
 * Parses an answer. `passesFastCheck` is a quicker check: a value that passes it would also pass zod, and loading zod takes
 * longer than listing a thousand jobs.
 * @throws UserError if the answer has another form; it mentions the versions if they differ
 */
export async function parsed<Name extends AnswerSchema>(
  connection: Connection,
  path: string,
  text: string,
  name: Name,
  passesFastCheck: (value: unknown) => value is Answered<Name> = (_value): _value is Answered<Name> => false,
): Promise<Answered<Name>> {
  const value = parseJson(text);
  if (passesFastCheck(value)) return value;
  const schema = (await import('@csvjobs/shared'))[name] as unknown as z.ZodType<Answered<Name>>;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const { url, mismatch } = connection;
  throw notUnderstood(
    url,
    `its ${path} has an unexpected form (${issue?.path.join('.')}: ${issue?.message})${mismatch ? `; ${mismatch}` : ''}`,
  );
}

/** Returns the path of the next page of a paginated list (RFC 8288). */
export function nextPage(link: string | string[] | undefined): string | undefined {
  return /<(\/[^>]*)>; rel="next"/.exec(String(link ?? ''))?.[1];
}
