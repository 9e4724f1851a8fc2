/** Reads the text of a spec, uploaded or in a file: JSON, otherwise YAML. */
import { readSpec, SpecInvalid } from './readSpec.js';
import type { Spec } from './spec.js';

/** Maximum size of a spec, in bytes. */
export const MAX_SPEC_BYTES = 256 * 1024;

/**
 * Reads the bytes of a spec. Returns undefined for an empty text.
 * @param parseYaml throws on text that it cannot read
 * @throws {SpecInvalid} with all faults of the spec
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
    // The YAML parser adds an excerpt of the place below its message.
    const [what] = (error as Error).message.split('\n');
    throw new SpecInvalid([`it is not ${json ? 'JSON' : 'YAML'}: ${what}`]);
  }
}
