/** The spec of an upload or of a check, from its bytes. */
import { readSpecText, type Spec, SpecInvalid } from '@csvjobs/shared';
import { parse } from 'yaml';
import { Failure } from '../failure.js';

/** @throws {Failure} `spec_invalid`, with everything that is wrong */
export function specFrom(bytes: Uint8Array): Spec | undefined {
  try {
    return readSpecText(bytes, (text) => parse(text));
  } catch (error) {
    if (!(error instanceof SpecInvalid)) throw error;
    throw new Failure('spec_invalid', `the spec is invalid: ${error.message}`, { cause: error });
  }
}
