/** Addresses of files on the web: which argument is one, how it is shown, and what the file is called. */
import { posix } from 'node:path';

/** Whether an argument is a file on the web, not on this machine. */
export function isWebAddress(file: string): boolean {
  return /^https?:\/\//i.test(file);
}

/** Whether an argument is an object in a bucket, in the notation of AWS's own programs. */
export function isBucketAddress(file: string): boolean {
  return /^s3:\/\//i.test(file);
}

/**
 * Returns an address that is safe to print, log and store: without the user, the password and the query, which often
 * holds a signature. Returns other texts unchanged.
 */
export function shownAddress(file: string): string {
  if (!isWebAddress(file) || !URL.canParse(file)) return file;
  const { origin, pathname, search } = new URL(file);
  return `${origin}${pathname}${search === '' ? '' : '?…'}`;
}

/** The user and password of an address as HTTP sends them (RFC 7617); undefined if it has none. */
export function basicCredentials({ username, password }: URL): string | undefined {
  if (username === '' && password === '') return undefined;
  const text = `${decoded(username)}:${decoded(password)}`;
  return `Basic ${Buffer.from(text, 'utf8').toString('base64')}`;
}

/**
 * Returns the name of the file, never a path: from Content-Disposition (RFC 6266; `filename*` wins over `filename`),
 * otherwise the end of the URL's path.
 */
export function fileNameOf(url: URL, disposition: string | undefined): string {
  const named = disposition === undefined ? undefined : dispositionName(disposition);
  // The name may be a Windows path.
  const name = posix.basename((named ?? decoded(url.pathname)).replaceAll('\\', '/'));
  return name === '' || name === '.' || name === '..' ? 'download.csv' : name;
}

function dispositionName(disposition: string): string | undefined {
  const extended = /;\s*filename\*\s*=\s*(?:utf-8)'[^']*'([^;\s]+)/i.exec(disposition);
  if (extended) return decoded(extended[1]!);
  const quoted = /;\s*filename\s*=\s*"((?:[^"\\]|\\.)*)"/i.exec(disposition);
  if (quoted) return utf8(quoted[1]!.replace(/\\(.)/g, '$1'));
  const token = /;\s*filename\s*=\s*([^;\s"]+)/i.exec(disposition);
  return token ? utf8(token[1]!) : undefined;
}

/** Headers arrive decoded as Latin-1, but servers put UTF-8 into them anyway. */
function utf8(text: string): string {
  const bytes = Buffer.from(text, 'latin1');
  const read = bytes.toString('utf8');
  return read.includes('\ufffd') ? text : read;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
