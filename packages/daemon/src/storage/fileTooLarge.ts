import { Failure } from '../failure.js';

export function fileTooLarge(maxBytes: number): Failure {
  return new Failure('file_too_large', `the file is larger than the maximum of ${maxBytes} bytes`);
}
