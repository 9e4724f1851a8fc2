/** The client of a bucket. The SDK is loaded here, when a store or a source in S3 is opened, and not with the program. */
import type { S3Client } from '@aws-sdk/client-s3';
import type { S3Address } from './address.js';

export interface S3Place extends S3Address {
  /** Another server than Amazon's, which is asked by paths, not by names of hosts. */
  endpoint?: string | undefined;
}

export type Sdk = typeof import('@aws-sdk/client-s3');

export interface Bucket extends S3Place {
  sdk: Sdk;
  client: S3Client;
}

/** In ms; of a server that says nothing. The SDK tries again. */
const CONNECT_MS = 5_000;
const SILENCE_MS = 30_000;
/** The SDK's own retries, with its own backoff: of SlowDown, 5xx and broken connections. */
const ATTEMPTS = 5;

/** Where no region is configured, which a server of one's own needs none of. */
const ANY_REGION = 'us-east-1';

/**
 * Loads the SDK, and finds credentials and region by its own chain: variables, files, roles of the machine.
 * @throws errors of the SDK, where there are none (failures.ts has the words)
 */
export async function openBucket({ bucket, prefix, endpoint }: S3Place): Promise<Bucket> {
  const sdk = await import('@aws-sdk/client-s3');
  const options = {
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      requestTimeout: SILENCE_MS,
      throwOnRequestTimeout: true,
    },
    // Of a range of a file there is none to compare with.
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
  await client.config.credentials();
  return { bucket, prefix, endpoint, sdk, client };
}
