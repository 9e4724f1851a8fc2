/** What is said of an upload besides its file, and what it says while it is under way. */

/** How a file is to be read, where the daemon is not to find out by itself. */
export interface ReadAs {
  encoding?: string | undefined;
  delimiter?: string | undefined;
}

/** Where it is to be loaded, where that is not the daemon's to decide. */
export interface LoadAs {
  into?: string | undefined;
  /** Nothing where the file is in the table already. */
  once?: boolean | undefined;
  /** The id of the job whose rejected records the file has: what is not said here is as it was there. */
  fixes?: string | undefined;
  /** The bytes of a spec. */
  spec?: Uint8Array | undefined;
}

export interface UploadEvents {
  /** Bytes of the file that the socket has taken in this try; of an upload in pieces, that the daemon has acknowledged. */
  onSent?: (bytes: number) => void;
  /** It is tried again; from these bytes on, where that is not from the beginning. */
  onRetry?: (reason: string, bytes?: number) => void;
  /** An upload that broke in an earlier run continues at these bytes. */
  onContinue?: (bytes: number) => void;
}
