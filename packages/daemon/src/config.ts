/** The configuration: read from the environment once, validated, frozen. The only reader of process.env. */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { API } from './config/api.js';
import { DATABASE } from './config/database.js';
import { FILES } from './config/files.js';
import { REDIS } from './config/redis.js';
import { WEBHOOKS } from './config/webhooks.js';
import { WORK } from './config/work.js';
import { type Failpoint, parseFailpoints } from './failpoint.js';
import { Failure } from './failure.js';
import { redisIssues } from './redis/configured.js';
import { databaseIssues } from './sql/reach/configured.js';
import { type UploadBucket, uploadBucketOf } from './storage/uploadBucket.js';
import { readWebhooks } from './webhooks/configuration.js';
import type { Endpoint } from './webhooks/endpoint.js';

/** Every variable that the daemon knows. docs/configuration.md shows their descriptions. */
export const environmentSchema = z.object({ ...API, ...DATABASE, ...REDIS, ...FILES, ...WORK, ...WEBHOOKS });

/** The environment as read, and the values derived from it. */
export type Config = Readonly<z.infer<typeof environmentSchema>> & {
  readonly dataDir: string;
  readonly uploadDir: string;
  /** The bucket for uploads, used instead of the folder. */
  readonly uploadBucket: UploadBucket | undefined;
  /** For the working files of jobs, if the uploads are not in a folder. */
  readonly workingFolder: string;
  /**
   * MAX_UPLOAD_BYTES by default: compression saves bandwidth, but does not raise the size limit of a file.
   */
  readonly maxDecodedBytes: number;
  readonly allowedHosts: readonly string[];
  readonly webhooks: readonly Endpoint[];
  /** Where tests make the program fail; empty unless NODE_ENV is test. */
  readonly failpoints: readonly Failpoint[];
};

/**
 * Reads the configuration. An empty variable counts as not set (compose files set empty ones).
 * @throws {Failure} `configuration_invalid`, naming every invalid variable and what was expected
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
    throw new Failure('configuration_invalid', `the configuration is invalid\n  ${wrong.join('\n  ')}`);
  }
  const dataDir = resolve(
    result.data.DATA_DIR ??
      join(set.XDG_DATA_HOME ?? join(set.HOME ?? homeFolder(), '.local', 'share'), 'csvjobs'),
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

/** @throws {Failure} `configuration_invalid` if this user has none, as in some containers */
function homeFolder(): string {
  try {
    return homedir();
  } catch (error) {
    const advice = 'set HOME, XDG_DATA_HOME or DATA_DIR';
    throw new Failure('configuration_invalid', `this user has no home folder; ${advice}`, { cause: error });
  }
}
