/**
 * Explains what S3, or the way to it, refuses, in one clear sentence each. Uploaders see these sentences, so
 * they name variables, not buckets; the server's own words are the cause, for the log.
 */
import { Failure } from '../../failure.js';
import { unavailable } from '../unavailable.js';

interface Rule {
  matches: RegExp;
  why: string;
}

/** By the `Code` of S3's error responses, the SDK's names, or errno. */
const RULES: readonly Rule[] = [
  {
    matches: /^NoSuchBucket$/,
    why: 'wrong bucket: no bucket has this name (UPLOAD_STORE, S3_ENDPOINT)',
  },
  {
    matches:
      /^(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraintException|BadRegion)$/,
    why: 'wrong region: the bucket is in another one (AWS_REGION)',
  },
  {
    matches: /^RequestTimeTooSkewed$/,
    why: 'wrong clock: the time of this machine differs from that of the store by more than S3 allows; set it (timedatectl)',
  },
  {
    matches: /^(InvalidAccessKeyId|SignatureDoesNotMatch|ExpiredToken|InvalidToken|TokenRefreshRequired)$/,
    why: 'credentials refused: the store does not know them, or they have expired (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_PROFILE)',
  },
  {
    matches: /^(AccessDenied|AllAccessDisabled|Forbidden|UnauthorizedAccess|KMS\..*|AccessDeniedException)$/,
    why: 'access denied: the credentials lack a permission; docs/operations.md, "Uploads in S3", lists them',
  },
  {
    matches: /^(CredentialsProviderError|TokenProviderError)$/,
    why: 'no credentials: the AWS chain has found none (AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, or a role of the machine)',
  },
  {
    matches: /^(SlowDown|ServiceUnavailable|Throttling.*|TooManyRequests.*|RequestLimitExceeded|503|429)$/,
    why: 'busy: the store asks to slow down',
  },
  {
    matches:
      /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|TimeoutError|NetworkingError|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_.*|CERT_.*|ERR_TLS.*|EPROTO)$/,
    why: 'unreachable: there is no answer from the store (S3_ENDPOINT, AWS_REGION, the network)',
  },
];

/**
 * Whether S3 reports that a key, or an upload, does not exist. The answer to HEAD has no body, so only its
 * status.
 */
export function isMissing(error: unknown): boolean {
  return /^(NoSuchKey|NotFound|NoSuchUpload)$/.test(codeOf(error)) || statusOf(error) === 404;
}

/** Whether a condition of the request was not met; S3 answers 409 if another writer is active. */
export function isConditionFailed(error: unknown): boolean {
  return /^(PreconditionFailed|ConditionalRequestConflict)$/.test(codeOf(error)) || statusOf(error) === 412;
}

/** Whether a server rejects the condition itself. */
export function isConditionUnknown(error: unknown): boolean {
  return codeOf(error) === 'NotImplemented' || statusOf(error) === 501;
}

/** Turns any error of the SDK into a failure; failures and the reasons of aborts stay unchanged. */
export function explainedS3(error: unknown): unknown {
  if (error instanceof Failure || !isOfS3(error)) return error;
  const code = codeOf(error);
  const rule = RULES.find(({ matches }) => matches.test(code)) ?? byStatus(statusOf(error));
  if (rule) return unavailable(`the upload store cannot be used, ${rule.why}`, error);
  if (
    /^(QuotaExceeded.*|EntityTooLarge|InsufficientStorage|XMinioStorageFull)$/.test(code) ||
    statusOf(error) === 507
  )
    return new Failure(
      'disk_full',
      'the upload cannot be stored: the store has no room for it, or its quota is used up',
      {
        retryable: true,
        cause: error,
      },
    );
  return unavailable(`the upload store cannot be used: ${code || (error as Error).message}`, error);
}

function byStatus(status: number | undefined): Pick<Rule, 'why'> | undefined {
  if (status === 403 || status === 401) return RULES.find(({ matches }) => matches.test('AccessDenied'));
  if (status === 301 || status === 307) return RULES.find(({ matches }) => matches.test('PermanentRedirect'));
  return status === undefined ? undefined : RULES.find(({ matches }) => matches.test(String(status)));
}

function isOfS3(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { name } = error;
  return (
    '$metadata' in error ||
    '$fault' in error ||
    RULES.some(({ matches }) => matches.test(codeOf(error)) || matches.test(name))
  );
}

/** The SDK puts S3's code into the error's name, Node puts it into `code`. */
export function codeOf(error: unknown): string {
  const { name, code, Code } = error as { name?: string; code?: unknown; Code?: unknown };
  if (typeof Code === 'string') return Code;
  if (name !== undefined && name !== 'Error' && name !== 'TypeError' && name !== 'AggregateError')
    return name;
  return typeof code === 'string' ? code : '';
}

function statusOf(error: unknown): number | undefined {
  return (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
}
