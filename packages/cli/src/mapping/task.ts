/** A file to map to a table: the data for its screen and its spec, and the command that uses the spec. */
import type { MappingAnswer, SpecInput } from '@csvjobs/shared';
import type { ReadAs } from '../client/daemonClient.js';
import { mappingAnswer } from '../localDaemon/checkProgram.js';
import { filePath, shellQuote } from '../text/text.js';
import type { Model, Sources } from './model.js';
import { specOfMapping } from './spec.js';

export type Mapped = Extract<MappingAnswer, { type: 'mapped' }>;

export interface MapTask {
  /** As the user wrote it; `-` is stdin. */
  file: string;
  /** The path where it can be read. */
  path: string;
  /** The table as JSON, for the program that reads the file; undefined for customers. */
  document: string | undefined;
  /** The table as named in the command; undefined if the file goes there without naming it. */
  into: string | undefined;
  model: Model;
  /** What a load would do with the file unchanged. */
  answer: Mapped;
  sources: Sources;
  /** The spec that the mapping started with. */
  base: SpecInput | undefined;
  readAs: ReadAs;
  /** The path for the spec, as the user wrote it. */
  output: string | undefined;
}

export function specOfTask({ model, base, into }: MapTask, sources: Sources): SpecInput {
  return specOfMapping(model, sources, {
    ...base,
    csvjobs: { ...(into !== undefined && { into }), ...base?.csvjobs },
  });
}

/** Returns the answer of the daemon's program for the file with a spec. */
export function underSpec(
  { path, document, readAs }: Pick<MapTask, 'path' | 'document' | 'readAs'>,
  spec: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<MappingAnswer> {
  return mappingAnswer(path, { ...readAs, table: document, spec }, signal);
}

export function bytesOf(spec: SpecInput): Uint8Array {
  return Buffer.from(JSON.stringify(spec));
}

/** The command that loads the file with a spec, for a POSIX shell. */
export function uploadCommand({ file, into, readAs }: MapTask, specPath: string): string {
  const { encoding, delimiter } = readAs;
  const words = [
    ...(into === undefined ? [] : ['--into', into]),
    '--spec',
    specPath,
    ...(encoding === undefined ? [] : ['--encoding', encoding]),
    ...(delimiter === undefined ? [] : ['--delimiter', delimiter]),
    '--watch',
  ];
  return ['csvjobs', 'upload', filePath(file), ...words].map(shellQuote).join(' ');
}
