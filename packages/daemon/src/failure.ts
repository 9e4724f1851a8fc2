/** What went wrong, in a form that can be stored, shown and decided upon. */
export class Failure extends Error {
  override readonly name = 'Failure';
  /** Stable and in snake_case: scripts compare it. */
  readonly code: string;
  /** Whether the same work may succeed when it is tried again without any change. */
  readonly retryable: boolean;

  constructor(code: string, message: string, options: { retryable?: boolean; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}
