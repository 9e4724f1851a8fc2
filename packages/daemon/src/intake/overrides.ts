/** What a person says about a file, so that it is not guessed. */
import type { Spec } from '@csvjobs/shared';
import { Failure } from '../failure.js';

/** As a job keeps them. */
export interface Overrides {
  encoding?: string;
  delimiter?: string;
  strict?: boolean;
}

const DELIMITERS: readonly string[] = [',', ';', '\t', '|'];

/**
 * Encoding and delimiter as they are asked for, and what the spec says of reading; empty and missing ones are left out. `tab` stands for the tab
 * character. Whether the encoding is known is the gate's question.
 * @throws {Failure} `bad_request`
 */
export function overridesFor(
  { encoding, delimiter }: { encoding?: string | undefined; delimiter?: string | undefined },
  spec?: Spec,
): Overrides {
  const wanted = delimiter === 'tab' ? '\t' : delimiter;
  if (wanted && !DELIMITERS.includes(wanted)) {
    throw new Failure(
      'bad_request',
      `the delimiter must be one of , ; tab | but is ${JSON.stringify(delimiter)}`,
    );
  }
  return {
    ...(encoding && { encoding }),
    ...(wanted && { delimiter: wanted }),
    ...(spec?.csvjobs?.strict && { strict: true }),
  };
}
