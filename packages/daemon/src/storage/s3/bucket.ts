/**
 * The client of a bucket. The SDK is loaded only when a store or a source in S3 is opened, not at program
 * start.
 */
import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Address } from './address.js';

export interface S3Place extends S3Address {
  /** A server other than Amazon's, addressed by path, not by host name. */
  endpoint?: string | undefined;
}

export type Sdk = typeof import('@aws-sdk/client-s3');

export interface Bucket extends S3Place {
  sdk: Sdk;
  client: S3Client;
}

/** Timeouts for connecting and for a silent server, in ms. The SDK tries again. */
const CONNECT_MS = 5_000;
const SILENCE_MS = 30_000;
/** The SDK's own retries, with its own backoff: for SlowDown, 5xx and broken connections. */
const ATTEMPTS = 5;

/** For checks, which have to answer within seconds: the backoff of more attempts may take longer. */
export const CHECK_ATTEMPTS = 2;

/** Used if no region is configured: self-hosted servers do not need one. */
const ANY_REGION = 'us-east-1';

/**
 * Loads the SDK, which finds credentials and region with its own chain: variables, files, roles of the
 * machine. The region must be there; credentials are looked up at each request until there are some.
 * @throws errors of the SDK if there is no region
 */
export async function openBucket(
  { bucket, prefix, endpoint }: S3Place,
  maxAttempts = ATTEMPTS,
): Promise<Bucket> {
  const sdk = await import('@aws-sdk/client-s3');
  const options = {
    maxAttempts,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: SILENCE_MS,
      throwOnRequestTimeout: true,
    },
    // A range of a file has no checksum to compare with.
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
  } as const;
  const configured = new sdk.S3Client(options);
  const region = await configured.config.region().catch((error: Error) => {
    if (endpoint === undefined) throw error;
    return undefined;
  });
  const client = region === undefined ? new sdk.S3Client({ ...options, region: ANY_REGION }) : configured;
  if (client !== configured) configured.destroy();
  return { bucket, prefix, endpoint, sdk, client };
}
