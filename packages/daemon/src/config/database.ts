/** How to reach PostgreSQL. */

import { z } from 'zod';
import { SSL_MODES } from '../sql/reach/way.js';
import { isWellEncoded, milliseconds, PERCENT, port, text } from './kinds.js';

export const DATABASE = {
  DATABASE_URL: text
    .refine(isWellEncoded, PERCENT)
    .optional()
    .describe(
      'PostgreSQL as a URL in the format of libpq: several hosts (`host1:5432,host2:5432`), target_session_attrs, sslmode and its files; overrides DB_HOST, DB_PORT, DB_USER, DB_PASSWORD and DB_NAME',
    ),
  DATABASE_DIRECT_URL: text
    .refine(isWellEncoded, PERCENT)
    .optional()
    .describe('The same database without its pooler (such as PgBouncer), for migrations and loads'),
  DB_HOST: text
    .optional()
    .describe(
      'PostgreSQL host, or the folder of its socket; without it and DATABASE_URL, the daemon runs a private server',
    ),
  DB_PORT: port.default(5432).describe('PostgreSQL port'),
  DB_USER: text.default('postgres').describe('Database user'),
  DB_PASSWORD: z.string().default('postgres').describe('Database password'),
  DB_NAME: text.default('csv_app').describe('Database name'),
  DB_SCHEMA: text
    // NAMEDATALEN - 1; PostgreSQL would silently cut a longer name.
    .refine((name) => Buffer.byteLength(name) <= 63, 'must be 63 bytes or less')
    // node-pg-migrate puts the name between quotes without escaping it.
    .refine((name) => !/["'\\]/.test(name), 'must have no quotes and no backslash in it')
    .refine((name) => !/^(pg_|information_schema$)/.test(name), 'is a name of PostgreSQL itself')
    .optional()
    .describe(
      "Schema of csvjobs' own tables, case-sensitive, without quotes; created by migrate if it does not exist. By default the schema that has them, or else the first one of the role's search_path",
    ),
  DB_SSLMODE: z
    .enum(SSL_MODES)
    .optional()
    .describe(
      'TLS to PostgreSQL, as in libpq: disable, allow, prefer (the default), require, verify-ca or verify-full; also for a URL without sslmode',
    ),
  DB_SSLROOTCERT: text
    .optional()
    .describe(
      'File of trusted certificate authorities (PEM), or system for the public ones; with it, certificates are verified in every mode. Also for a URL without sslrootcert',
    ),
  DB_SSLCERT: text
    .optional()
    .describe('File of the client certificate (PEM); also for a URL without sslcert'),
  DB_SSLKEY: text.optional().describe('File of its key (PEM); also for a URL without sslkey'),
  DB_SSLPASSWORD: text.optional().describe('Password of the key; also for a URL without sslpassword; secret'),
  DB_TIMEOUT: milliseconds
    .min(1)
    .default(120_000)
    .describe('Time without any response after which a connection to PostgreSQL counts as lost, in ms'),
};
