/** Tokens as text, and their stored form. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** So that people and scanners for leaked secrets recognize it. */
const PREFIX = 'csvjobs_';

/** A new token: 256 random bits, so that a plain hash of it cannot be searched for. */
export function makeToken(): string {
  return PREFIX + randomBytes(32).toString('base64url');
}

/** SHA-256 of a token: the only part that is stored. */
export function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** Compares two digests in a time that does not depend on where they differ. */
export function sameDigest(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && timingSafeEqual(one, other);
}
