/** API tokens: who may do what. The token itself is shown only once, when it is created. */
import { z } from 'zod';
import { samePatterns, tablePatternSchema } from './target/tableList.js';

/**
 * Each scope includes those before it. read: view; write: upload, cancel and retry; admin: delete, and manage tokens.
 */
export const TOKEN_SCOPES = ['read', 'write', 'admin'] as const;
export const tokenScopeSchema = z.enum(TOKEN_SCOPES);
export type TokenScope = z.infer<typeof tokenScopeSchema>;

/** Whether a token with scope `has` may do an action that needs scope `needed`. */
export function mayDo(has: TokenScope, needed: TokenScope): boolean {
  return TOKEN_SCOPES.indexOf(has) >= TOKEN_SCOPES.indexOf(needed);
}

/** The request for a new token. */
export const newTokenSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[\w.-]{1,64}$/, 'must be 1 to 64 letters, digits or . _ -')
    .describe('purpose of the token; unique among active tokens'),
  scope: tokenScopeSchema.default('write'),
  tables: z
    .array(tablePatternSchema)
    .min(1)
    .max(50)
    .transform(samePatterns)
    .optional()
    .describe('the tables that it may load into, and whose jobs it sees; default: all of TARGET_TABLES'),
});
export type NewToken = z.input<typeof newTokenSchema>;

export const apiTokenSchema = z.object({
  id: z.uuid(),
  name: z.string(),
  scope: tokenScopeSchema,
  tables: z
    .array(z.string())
    .nullable()
    .optional()
    .describe(
      'patterns of the tables that it is limited to; null for all of TARGET_TABLES; missing from older daemons',
    ),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable().describe('to the minute'),
  revokedAt: z.iso.datetime().nullable(),
});
export type ApiToken = z.infer<typeof apiTokenSchema>;

export const tokenListSchema = z.array(apiTokenSchema);

/** The only answer that contains the token itself. */
export const createdTokenSchema = apiTokenSchema.extend({ token: z.string() });
export type CreatedToken = z.infer<typeof createdTokenSchema>;
