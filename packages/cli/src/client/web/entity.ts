/** Which version of a file an answer holds, and which part of it (RFC 9110). */
import type { WebAnswer } from './webRequest.js';

export interface WebEntity {
  /** Bytes of the whole file; undefined if the server does not state them. */
  size: number | undefined;
  /** The first byte of the part; undefined for a whole file. */
  start: number | undefined;
  /** A validator for If-Range: a strong ETag, or a Last-Modified that is strong by section 8.8.2.2. */
  validator: string | undefined;
  etag: string | undefined;
  lastModified: string | undefined;
}

/** Reads what the head of an answer says about the file. */
export function entityOf({ status, headers }: Pick<WebAnswer, 'status' | 'headers'>): WebEntity {
  const etag = headers.etag?.toString();
  const lastModified = headers['last-modified']?.toString();
  const range = /^bytes (?:(\d+)-\d+|\*)\/(\d+|\*)$/.exec(headers['content-range']?.toString() ?? '');
  const length = headers['content-length'];
  return {
    size:
      status === 200
        ? length === undefined
          ? undefined
          : Number(length)
        : range && range[2] !== '*'
          ? Number(range[2])
          : undefined,
    start: range?.[1] === undefined ? undefined : Number(range[1]),
    validator: strongEtag(etag) ?? (etag === undefined ? strongTime(lastModified, headers.date) : undefined),
    etag,
    lastModified,
  };
}

/** Whether two answers hold the same version, judged by the fields that both have. */
export function isSame(one: WebEntity, other: WebEntity): boolean {
  const fits = (a: unknown, b: unknown) => a === undefined || b === undefined || a === b;
  return (
    fits(one.etag, other.etag) && fits(one.lastModified, other.lastModified) && fits(one.size, other.size)
  );
}

function strongEtag(etag: string | undefined): string | undefined {
  return etag?.startsWith('"') ? etag : undefined;
}

/** A file may change twice within a second, so its time counts only once the server's clock is a second past it. */
function strongTime(lastModified: string | undefined, date: string | undefined): string | undefined {
  if (lastModified === undefined || date === undefined) return undefined;
  return Date.parse(date) - Date.parse(lastModified) >= 1_000 ? lastModified : undefined;
}
