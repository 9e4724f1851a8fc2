/** Answers of the daemon, checked against the schemas of @csvjobs/shared. */
import type { z } from 'zod';
import type { Connection } from './connection.js';
import { notUnderstood } from './daemonError.js';
import { parseJson } from './parseJson.js';

/** The schemas of shared by which answers are checked. */
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
 * What an answer says. `surely` is a quicker look at it: what that takes, zod would take too, and loading zod takes
 * longer than a listing of a thousand jobs.
 * @throws UserError when it has another form, with a word on the versions where these differ
 */
export async function parsed<Name extends AnswerSchema>(
  connection: Connection,
  path: string,
  text: string,
  name: Name,
  surely: (value: unknown) => value is Answered<Name> = (_value): _value is Answered<Name> => false,
): Promise<Answered<Name>> {
  const value = parseJson(text);
  if (surely(value)) return value;
  const schema = (await import('@csvjobs/shared'))[name] as unknown as z.ZodType<Answered<Name>>;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const { url, mismatch } = connection;
  throw notUnderstood(
    url,
    `its ${path} has another form (${issue?.path.join('.')}: ${issue?.message})${mismatch ? `; ${mismatch}` : ''}`,
  );
}

/** The path of the next page (RFC 8288), for a list that comes in pages. */
export function nextPage(link: string | string[] | undefined): string | undefined {
  return /<(\/[^>]*)>; rel="next"/.exec(String(link ?? ''))?.[1];
}
