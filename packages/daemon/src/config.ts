/** The configuration: read from the environment once, checked, frozen. The only reader of process.env. */
import { availableParallelism, homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseTablePatterns, TablePatternInvalid } from '@csvjobs/shared';
import { z } from 'zod';
import { type Failpoint, parseFailpoints } from './failpoint.js';
import { Failure } from './failure.js';
import { redisAddress } from './redis/address.js';
import { redisIssues } from './redis/configured.js';
import { parseSourceBuckets } from './sources/sourceBuckets.js';
import { databaseIssues } from './sql/reach/configured.js';
import { SSL_MODES } from './sql/reach/way.js';
import { s3Address } from './storage/s3/address.js';
import { type UploadBucket, uploadBucketOf } from './storage/uploadBucket.js';
import { readWebhooks } from './webhooks/configuration.js';
import type { Endpoint } from './webhooks/endpoint.js';

const port = z.coerce.number().int().min(0).max(65_535);
const count = z.coerce.number().int().min(1);
const bytes = z.coerce.number().int().min(1);
const milliseconds = z.coerce.number().int().min(0);
const text = z.string().min(1);
/** `90s`, `30m`, `12h`, `7d`; in milliseconds. `never` is undefined. */
const duration = z
  .string()
  .regex(/^(\d{1,6}[smhd]|never)$/, 'must be a number with s, m, h or d, as in 12h or 7d, or: never')
  .transform((value) => (value === 'never' ? undefined : Number(value.slice(0, -1)) * UNITS[value.at(-1)!]!));
/** The same, where there must be an end. */
const period = z
  .string()
  .regex(/^[1-9]\d{0,5}[smhd]$/, 'must be a number with s, m, h or d, as in 30m or 12h')
  .transform((value) => Number(value.slice(0, -1)) * UNITS[value.at(-1)!]!);
const UNITS: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const MiB = 1024 * 1024;

const PERCENT = 'has a percent sign that encodes nothing; write %25 for the character % itself';

/** Every variable that the daemon knows. The description of each is what docs/configuration.md says. */
export const environmentSchema = z.object({
  API_HOST: text.default('127.0.0.1').describe('Address to listen on; 0.0.0.0 in the containers'),
  API_TOKEN: z
    .string()
    .regex(/^[\x21-\x7e]{16,}$/, 'must be 16 or more visible ASCII characters')
    .optional()
    .describe('A token for admins that needs no database, to begin with; secret'),
  API_ALLOW_ANONYMOUS: z
    .stringbool()
    .prefault('false')
    .describe('true lets in everybody who can reach the address, without a token'),
  ALLOWED_HOSTS: text
    .optional()
    .describe(
      'Names that the daemon answers to, separated by commas, beside localhost, IP addresses and API_HOST; * for any',
    ),
  API_PORT: port.default(4000).describe('Port to listen on; 0 takes a free one'),
  DATABASE_URL: text
    .refine(isWellEncoded, PERCENT)
    .optional()
    .describe(
      'PostgreSQL as one URL, as libpq reads it: several hosts (`host1:5432,host2:5432`), target_session_attrs, sslmode and its files; goes before DB_HOST, DB_PORT, DB_USER, DB_PASSWORD and DB_NAME',
    ),
  DATABASE_DIRECT_URL: text
    .refine(isWellEncoded, PERCENT)
    .optional()
    .describe(
      'The same database past its pooler (PgBouncer and the like), for migrations and for the connections that load',
    ),
  DB_HOST: text
    .optional()
    .describe(
      'PostgreSQL host, or the folder of its socket; without it and DATABASE_URL a private server is run',
    ),
  DB_PORT: port.default(5432).describe('PostgreSQL port'),
  DB_USER: text.default('postgres').describe('Database user'),
  DB_PASSWORD: z.string().default('postgres').describe('Database password'),
  DB_NAME: text.default('csv_app').describe('Database name'),
  DB_SCHEMA: text
    // NAMEDATALEN - 1; PostgreSQL would cut a longer one without a word.
    .refine((name) => Buffer.byteLength(name) <= 63, 'must be 63 bytes or less')
    // node-pg-migrate puts the name between quotes as it is.
    .refine((name) => !/["'\\]/.test(name), 'must have no quotes and no backslash in it')
    .refine((name) => !/^(pg_|information_schema$)/.test(name), 'is a name of PostgreSQL itself')
    .optional()
    .describe(
      "Schema of csvjobs' own tables, in the case that it has, without quotes; migrate makes it where it is not there. By default where they are, or the first one of the role's search_path",
    ),
  DB_SSLMODE: z
    .enum(SSL_MODES)
    .optional()
    .describe(
      'TLS to PostgreSQL, as libpq means it: disable, allow, prefer (the default), require, verify-ca or verify-full; for a URL without sslmode, too',
    ),
  DB_SSLROOTCERT: text
    .optional()
    .describe(
      'File of the authorities whose certificates are trusted (PEM), or system for the public ones; with it, certificates are verified in every mode. For a URL without sslrootcert, too',
    ),
  DB_SSLCERT: text
    .optional()
    .describe('File of the client certificate (PEM); for a URL without sslcert, too'),
  DB_SSLKEY: text.optional().describe('File of its key (PEM); for a URL without sslkey, too'),
  DB_SSLPASSWORD: text.optional().describe('Password of the key; for a URL without sslpassword, too; secret'),
  DB_TIMEOUT: milliseconds
    .min(1)
    .default(120_000)
    .describe('PostgreSQL is taken for gone when it says nothing to a request for this long, in ms'),
  REDIS_URL: z
    .url({ protocol: /^(rediss?|unix)$/ })
    .refine(isWellEncoded, PERCENT)
    .refine(isRedisAddress, 'must end with the number of a database, or with none')
    .optional()
    .describe('Redis as one URL (redis:, rediss: or unix:///path/of/socket); goes before REDIS_HOST'),
  REDIS_HOST: text.optional().describe('Redis host; without it and REDIS_URL a private server is run'),
  REDIS_PORT: port.default(6379).describe('Redis port'),
  REDIS_TLS_CA: text
    .optional()
    .describe('File of the authorities that are trusted with rediss: (PEM); by default the public ones'),
  REDIS_TLS_CERT: text.optional().describe('File of the client certificate for rediss: (PEM)'),
  REDIS_TLS_KEY: text.optional().describe('File of its key (PEM)'),
  REDIS_SENTINELS: text
    .optional()
    .describe(
      'Sentinels that know where Redis is, as in `sentinel1:26379,sentinel2:26379`; REDIS_URL then says the user, password, database and TLS (rediss:), and its host counts for nothing',
    ),
  REDIS_SENTINEL_NAME: text.optional().describe('The name by which they know it'),
  REDIS_SENTINEL_USERNAME: text.optional().describe('User at the sentinels'),
  REDIS_SENTINEL_PASSWORD: text.optional().describe('Password at the sentinels; secret'),
  QUEUE_PREFIX: text.default('csvjobs').describe('Prefix of all keys and channels in Redis'),
  CORS_ORIGIN: text.optional().describe('Allowed CORS origin, or * for all; without it none'),
  TARGET_TABLES: text
    .superRefine((list, issues) => {
      try {
        parseTablePatterns(list);
      } catch (error) {
        if (!(error instanceof TablePatternInvalid)) throw error;
        issues.addIssue({ code: 'custom', message: error.message });
      }
    })
    .optional()
    .describe(
      'Tables that may be loaded into, as patterns separated by commas: `public.*,sales.orders,"Mixed"."Case"`; never tables of PostgreSQL or of csvjobs itself',
    ),
  DATA_DIR: text
    .optional()
    .describe(
      'Folder of the private servers and, without UPLOAD_DIR, of the uploads; the XDG data folder by default',
    ),
  UPLOAD_DIR: text
    .optional()
    .describe('CSV upload folder; DATA_DIR/uploads by default, /app/uploads in the containers'),
  UPLOAD_STORE: text
    .refine(
      (address) => s3Address(address) !== undefined,
      'must be a bucket and where in it, as in s3://bucket/csvjobs',
    )
    .optional()
    .describe(
      'Bucket for the uploads in place of UPLOAD_DIR, as s3://bucket/prefix; credentials and region are those of the AWS SDK (AWS_ACCESS_KEY_ID, AWS_PROFILE, AWS_REGION, roles)',
    ),
  S3_ENDPOINT: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Server of the bucket where it is not Amazon’s; it is asked by paths (http://minio:9000)'),
  SOURCE_BUCKETS: text
    .superRefine((list, issues) => {
      try {
        parseSourceBuckets(list);
      } catch (error) {
        if (!(error instanceof SyntaxError)) throw error;
        issues.addIssue({ code: 'custom', message: error.message });
      }
    })
    .optional()
    .describe(
      'Buckets whose objects may be loaded where they are (csvjobs upload s3://bucket/key), separated by commas: bucket, or bucket/prefix/*; none by default. Whoever may upload can then load what the credentials of the daemon may read there',
    ),
  S3_SSE: z
    .enum(['AES256', 'aws:kms', 'aws:kms:dsse'])
    .optional()
    .describe('How the bucket is to encrypt uploads; by its own settings by default'),
  S3_SSE_KMS_KEY_ID: text.optional().describe('Key of KMS to encrypt uploads with; needs S3_SSE=aws:kms'),
  MAX_UPLOAD_BYTES: bytes.default(100 * 1024 * MiB).describe('Largest upload, in bytes'),
  MAX_DECODED_BYTES: bytes
    .optional()
    .describe(
      'Largest size of a compressed upload once it is decompressed, in bytes; by default it may hold as much as a file that is not compressed',
    ),
  MAX_RECORD_BYTES: bytes
    .default(MiB)
    .describe('Largest record of a file, in bytes; longer ones are rejected'),
  UPLOAD_IDLE_TIMEOUT: milliseconds
    .default(30_000)
    .describe('An upload that sends nothing for this long is ended, in ms'),
  BATCH_ROWS: count
    .max(200_000)
    .default(50_000)
    .describe('Most records in a batch, which is one transaction'),
  BATCH_BYTES: bytes.default(8 * MiB).describe('Most bytes of records in a batch'),
  WORKER_CONCURRENCY: count
    .default(1)
    .describe('Jobs that are worked on at a time, and as many of small files besides (SMALL_JOB_BYTES)'),
  SMALL_JOB_BYTES: z.coerce
    .number()
    .int()
    .min(0)
    .default(MiB)
    .describe(
      'Largest file, decompressed and in bytes, whose job does not wait behind jobs of larger ones; 0 lets all jobs wait in one queue',
    ),
  WORKER_LANES: count
    .max(16)
    .default(defaultLanes())
    .describe('Connections that load a job side by side; from the cores at hand'),
  RETRY_LIMIT: z.coerce
    .number()
    .int()
    .min(0)
    .default(10)
    .describe('Failures in a row, without progress, before a job is failed for good'),
  RECOVER_INTERVAL: milliseconds
    .default(15_000)
    .describe('How often jobs that Redis lost are looked for, in ms'),
  PROGRESS_INTERVAL: milliseconds
    .default(300)
    .describe('Least time between two progress events of a job, in ms'),
  MAX_UPLOADS: count.default(100).describe('Most uploads at a time; more are asked to come back (429)'),
  UPLOAD_EXPIRY: period
    .prefault('24h')
    .describe('How long a resumable upload that is not whole is kept after its last byte'),
  MAX_QUEUED: count
    .default(10_000)
    .describe('Most jobs that wait or are worked on; further uploads are asked to come back (429)'),
  MAX_HEADERS: count.default(100).describe('Most headers of a request'),
  MAX_HEADER_BYTES: bytes
    .min(1024)
    .default(16 * 1024)
    .describe('Largest head of a request, in bytes'),
  RATE_LIMIT: z.coerce
    .number()
    .int()
    .min(0)
    .default(12_000)
    .describe(
      'Most requests a minute of one token, or of one address without one, over all processes on one Redis; 0 for any number',
    ),
  ORPHAN_AGE: milliseconds
    .default(3_600_000)
    .describe('Age from which on a file that no job has is removed, in ms; longer than any upload is silent'),
  MAX_STREAMS: count.default(10_000).describe('Most open progress streams'),
  MAX_REPORTS: count.default(32).describe('Most reports sent at a time; more are asked to come back (429)'),
  HOLD_TIMEOUT: period
    .prefault('1h')
    .describe(
      'How long a job that was uploaded with --hold waits to be accepted; then its rows are rolled back. Until then it keeps them locked, and a connection to PostgreSQL',
    ),
  MAX_HELD: count
    .default(20)
    .describe(
      'Most jobs that are held or will be (--hold), over all daemons; further ones are asked to come back (429). Each takes a connection to PostgreSQL',
    ),
  RETAIN_FILES: duration
    .prefault('7d')
    .describe('How long the uploaded file of a job is kept after the job has ended; never to keep them all'),
  RETAIN_JOBS: duration
    .optional()
    .describe(
      'How long a job and its report are kept after it has ended; for good by default. Customers stay',
    ),
  RETAIN_UNDO: duration
    .prefault('30d')
    .describe('How long after its end a job can be undone; never for as long as it is there'),
  RETAIN_INTERVAL: milliseconds
    .min(100)
    .default(600_000)
    .describe('How often it is looked for what is not to be kept any more, in ms'),
  WEBHOOK_URL: text
    .optional()
    .describe(
      'Where it is said, by a POST, that a job has ended or is held (docs/webhooks.md). Further endpoints have a name of letters and digits behind each variable: WEBHOOK_URL_ERP, WEBHOOK_SECRET_ERP, …',
    ),
  WEBHOOK_SECRET: text
    .optional()
    .describe(
      'The secret that webhooks are signed with: whsec_ and base64 of 24 to 64 bytes; two, separated by a comma, while the old one is replaced',
    ),
  WEBHOOK_EVENTS: text
    .optional()
    .describe(
      'The only events that are sent, separated by commas: job.completed, job.failed, job.cancelled, job.held, job.undone',
    ),
  WEBHOOK_TABLES: text
    .optional()
    .describe('The only tables whose jobs are sent, as patterns like those of TARGET_TABLES'),
  WEBHOOK_ALLOW_PRIVATE: text
    .optional()
    .describe(
      'Hosts of webhooks whose name may lead to a private address, separated by commas; an address in the URL itself, and localhost, need not stand here',
    ),
  SHUTDOWN_TIMEOUT: milliseconds
    .default(10_000)
    .describe('Longest time that an orderly stop may take, in ms'),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .describe('Least level of the log lines'),
});

/** The environment as it was read, and what follows from it. */
export type Config = Readonly<z.infer<typeof environmentSchema>> & {
  readonly dataDir: string;
  readonly uploadDir: string;
  /** Where uploads are kept instead, and how. */
  readonly uploadBucket: UploadBucket | undefined;
  /** For the working files of jobs, where the uploads are in no folder. */
  readonly workingFolder: string;
  /** MAX_UPLOAD_BYTES by default: compression saves the way, and is no way around the bound on a file. */
  readonly maxDecodedBytes: number;
  readonly allowedHosts: readonly string[];
  readonly webhooks: readonly Endpoint[];
  /** Where tests make the program fail; empty unless NODE_ENV is test. */
  readonly failpoints: readonly Failpoint[];
};

/**
 * Reads the configuration. An empty variable counts as not set (compose files set those).
 * @throws {Failure} `configuration_invalid`, naming every variable that is wrong and what was expected
 */
export function readConfig(environment: NodeJS.ProcessEnv): Config {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const result = environmentSchema.safeParse(set);
  const { endpoints: webhooks, issues: ofWebhooks } = readWebhooks(set);
  const ofVariables = result.success
    ? [...databaseIssues(result.data), ...redisIssues(result.data)]
    : result.error.issues.map(({ path, message }) => ({ variable: path.join('.'), message }));
  const issues = [...ofVariables, ...ofWebhooks];
  if (!result.success || issues.length > 0) {
    const wrong = issues.map(({ variable: name, message }) => {
      const expected = environmentSchema.shape[name as keyof typeof environmentSchema.shape]?.description;
      return `${name}: ${message}${expected ? ` (${expected})` : ''}`;
    });
    throw new Failure('configuration_invalid', `the configuration is not usable\n  ${wrong.join('\n  ')}`);
  }
  const dataDir = resolve(
    result.data.DATA_DIR ??
      join(set.XDG_DATA_HOME ?? join(set.HOME ?? homedir(), '.local', 'share'), 'csvjobs'),
  );
  return Object.freeze({
    ...result.data,
    dataDir,
    uploadDir: resolve(result.data.UPLOAD_DIR ?? join(dataDir, 'uploads')),
    uploadBucket: uploadBucketOf(result.data),
    workingFolder: join(dataDir, 'working'),
    maxDecodedBytes: result.data.MAX_DECODED_BYTES ?? result.data.MAX_UPLOAD_BYTES,
    allowedHosts: [result.data.API_HOST, ...(result.data.ALLOWED_HOSTS ?? '').split(',')]
      .map((name) => name.trim())
      .filter((name) => name !== ''),
    webhooks,
    failpoints:
      set.NODE_ENV === 'test' && set.CSVJOBS_FAILPOINTS ? parseFailpoints(set.CSVJOBS_FAILPOINTS) : [],
  });
}

/** The environment of this process. */
export function processEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}

/** Whether each percent sign of a URL begins the code of a byte, and the bytes are UTF-8 (RFC 3986, section 2.1). */
function isWellEncoded(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}

function isRedisAddress(url: string): boolean {
  try {
    redisAddress(url);
    return true;
  } catch {
    // What is no URL, or not encoded well, has a sentence of its own.
    return !URL.canParse(url) || !isWellEncoded(url);
  }
}

/**
 * Two lanes at least: on two cores one takes 1.3 to 1.5 times as long as two, and three make the API wait for more than
 * three times what it does when idle (bench/README.md). On more, one core is left for reading.
 */
function defaultLanes(): number {
  return Math.max(2, Math.min(4, availableParallelism() - 1));
}
