/**
 * What a resumable upload says about its file: Upload-Metadata, instead of the plain upload's form and query.
 */
import { MAX_SPEC_BYTES, type Spec } from '@csvjobs/shared';
import { specFrom } from '../../../intake/specPart.js';
import type { UploadMetadata } from '../../../sql/resumable/uploads.js';
import { cleanFilename } from '../../filename.js';
import { refuse } from '../../problems.js';
import { type Asked, readAsked } from '../asked.js';

/** The known keys; Uppy and the examples of tus-js-client send `filetype` and the others on their own. */
const KEYS = [
  'filename',
  'name',
  'filetype',
  'type',
  'relativePath',
  'spec',
  'encoding',
  'delimiter',
  'into',
  'once',
  'fixes',
];

export interface SaidOfUpload extends Asked {
  filename: string;
  spec: Spec | undefined;
}

/**
 * Reads it. An unknown key is refused: a mistyped `into` must not load into another table.
 * @throws {Failure} `bad_request`, `spec_invalid`
 */
export function readMetadata(metadata: UploadMetadata): SaidOfUpload {
  for (const key of Object.keys(metadata)) {
    if (!KEYS.includes(key))
      throw refuse(
        'bad_request',
        `Upload-Metadata has the unknown key ${JSON.stringify(key)}; known keys: ${KEYS.join(', ')}`,
      );
  }
  const { filename, name, spec, ...others } = metadata;
  const said = Object.fromEntries(Object.entries(others).map(([key, value]) => [key, value ?? '']));
  return {
    ...readAsked(said),
    filename: cleanFilename(filename ?? name ?? undefined),
    spec: spec == null ? undefined : specFrom(Buffer.from(spec).subarray(0, MAX_SPEC_BYTES + 1)),
  };
}
