/** The text of a spec, as it is uploaded or stands in a file: JSON, or YAML where it is no JSON. */
import { readSpec, SpecInvalid } from './readSpec.js';
import type { Spec } from './spec.js';

/** The most bytes of a spec. */
export const MAX_SPEC_BYTES = 256 * 1024;

/**
 * Reads the bytes of a spec. An empty text is no spec: undefined.
 * @param parseYaml throws what it cannot read
 * @throws {SpecInvalid} with all that is wrong with it
 */
export function readSpecText(bytes: Uint8Array, parseYaml: (text: string) => unknown): Spec | undefined {
  if (bytes.length > MAX_SPEC_BYTES)
    throw new SpecInvalid([`it has ${bytes.length} bytes, at most ${MAX_SPEC_BYTES} are read`]);
  const text = textOf(bytes);
  return text.trim() === '' ? undefined : readSpec(documentOf(text, parseYaml));
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new SpecInvalid(['it is not UTF-8 text; save it as UTF-8']);
  }
}

function documentOf(text: string, parseYaml: (text: string) => unknown): unknown {
  const json = /^\s*\{/.test(text);
  try {
    return json ? JSON.parse(text) : parseYaml(text);
  } catch (error) {
    // YAML writes a picture of the place below the message.
    const [what] = (error as Error).message.split('\n');
    throw new SpecInvalid([`it is not ${json ? 'JSON' : 'YAML'}: ${what}`]);
  }
}
