/** A spec in a local file, read and checked before anything is sent. */
import { readFile } from 'node:fs/promises';
import type { Spec } from '@csvjobs/shared';
import { EXIT } from '../exitCodes.js';
import { clean } from '../text/text.js';
import { UserError } from '../userError.js';

export interface SpecFile {
  bytes: Uint8Array;
  spec: Spec | undefined;
}

/**
 * Reads a spec, JSON or YAML.
 * @throws UserError (exit 2) that names every mistake
 */
export async function readSpecFile(path: string): Promise<SpecFile> {
  const bytes = await readFile(path).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT')
      throw specError(path, 'there is no such file', cause, 'check its path, or create one');
    throw specError(path, cause.message, cause);
  });
  const [{ readSpecText, SpecInvalid }, { parse }] = await Promise.all([
    import('@csvjobs/shared'),
    import('yaml'),
  ]);
  try {
    return { bytes, spec: readSpecText(bytes, (text) => parse(text)) };
  } catch (error) {
    if (error instanceof SpecInvalid) throw specError(path, error.message, error);
    throw error;
  }
}

function specError(path: string, why: string, cause: unknown, next = 'correct it'): UserError {
  return new UserError({
    code: 'spec_invalid',
    exitCode: EXIT.usage,
    what: `The spec ${clean(path)} cannot be used`,
    why: clean(why),
    next: `${next}; csvjobs describe <table> --spec prints one that works`,
    cause,
  });
}
