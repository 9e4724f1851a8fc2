/** A file on its way into a store. */
export interface Receive {
  /** Maximum size; more bytes are refused as soon as they arrive. */
  maxBytes: number;
  /** Number of first bytes to keep for `head`; none by default. */
  headBytes?: number;
  /** Gives up when aborted. */
  signal?: AbortSignal;
}

/**
 * A file that has arrived completely but is not yet in its place. Exactly one of `commit` and `discard` is
 * called.
 */
export interface Received {
  sizeBytes: number;
  /** Lower-case hex. */
  sha256: string;
  /** The first bytes, at most as many as requested. */
  head: Uint8Array;
  /** The last bytes, at most four: in gzip they hold the length of the text. */
  tail: Uint8Array;
  /** Makes the file durable under its id. When it throws, nothing is left. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}
