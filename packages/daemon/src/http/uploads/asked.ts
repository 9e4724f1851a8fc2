/**
 * The parameters of an upload besides its file: the query of a plain upload, or the metadata of a resumable
 * one.
 */
import type { Context } from 'koa';
import { overridesFor } from '../../intake/overrides.js';
import { refuse } from '../problems.js';

/** Parameters by name; several with one name are an array. */
export type Parameters = Record<string, string | string[] | undefined>;

export interface Asked {
  asked: { encoding: string | undefined; delimiter: string | undefined };
  into: string | undefined;
  /** Load nothing if the file is in its table already. */
  once: boolean;
  /** The id of the job whose rejected records the file has. */
  fixes: string | undefined;
}

/** Reads all parameters. @throws {Failure} `bad_request` */
export function readAsked(parameters: Parameters): Asked {
  return {
    asked: askedOf(parameters),
    into: intoOf(parameters),
    once: onceOf(parameters),
    fixes: fixesIn(parameters),
  };
}

/** The Idempotency-Key header: a client that repeats an upload sends it to get one job instead of two. */
export function idempotencyKeyOf(ctx: Context): string | null {
  const key = ctx.get('Idempotency-Key');
  if (key === '') return null;
  if (!/^[\x20-\x7e]{1,255}$/.test(key)) {
    throw refuse(
      'bad_request',
      'the Idempotency-Key must be 1 to 255 printable ASCII characters, such as a UUID',
    );
  }
  return key;
}

/** `?encoding=windows-1252&delimiter=;` override detection. `tab` stands for the tab character. */
export function askedOf({ encoding, delimiter }: Parameters): Asked['asked'] {
  if (Array.isArray(encoding) || Array.isArray(delimiter)) {
    throw refuse('bad_request', 'encoding and delimiter can each be used only once');
  }
  // Refuses an impossible delimiter before the file is sent.
  overridesFor({ delimiter });
  return { encoding, delimiter };
}

/** `?once=true`. Anything but true or false is refused: a typo must not load a file twice. */
function onceOf({ once }: Parameters): boolean {
  if (once === undefined || once === 'false') return false;
  if (once === 'true') return true;
  throw refuse('bad_request', 'once must be true or false, and can be used only once');
}

/**
 * `?into=sales.orders` names the table. An empty one is a mistake of the caller; it does not mean
 * `customers`.
 */
export function intoOf({ into }: Parameters): string | undefined {
  if (Array.isArray(into)) throw refuse('bad_request', 'into can be used only once');
  if (into === '') throw refuse('bad_request', 'into is empty; name a table, such as into=sales.orders');
  return into;
}

/** `?fixes=` names the job whose rejected records are in the file. */
function fixesIn({ fixes }: Parameters): string | undefined {
  if (Array.isArray(fixes)) throw refuse('bad_request', 'fixes can be used only once');
  return fixes;
}
