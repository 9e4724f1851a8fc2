/** A file on its way into a store. */
export interface Receive {
  /** More bytes than this are refused, as soon as they arrive. */
  maxBytes: number;
  /** How many of the first bytes to keep at hand for `head`; none by default. */
  headBytes?: number;
  /** Gives up when aborted. */
  signal?: AbortSignal;
}

/** A file that has arrived whole but has not its place yet. Exactly one of `commit` and `discard` is called. */
export interface Received {
  sizeBytes: number;
  /** Lower-case hex. */
  sha256: string;
  /** The first bytes, as many as were asked for and are there. */
  head: Uint8Array;
  /** The last bytes, at most four of them: where gzip says how long its text is. */
  tail: Uint8Array;
  /** Makes the file durable under its id. When it throws, nothing is left. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}
