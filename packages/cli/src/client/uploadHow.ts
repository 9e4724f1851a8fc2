/** Options of an upload, and its events while it runs. */

/** How to read a file; the daemon detects what is not given. */
export interface ReadAs {
  encoding?: string | undefined;
  delimiter?: string | undefined;
}

/** How to load a file; the daemon decides what is not given. */
export interface LoadAs {
  into?: string | undefined;
  /** Load nothing if the file is already in the table. */
  once?: boolean | undefined;
  /** The ID of the job whose rejected records the file contains. Options not given here are taken from that job. */
  fixes?: string | undefined;
  /** The bytes of a spec. */
  spec?: Uint8Array | undefined;
}

export interface UploadEvents {
  /** Bytes of the file that the socket has taken in this attempt; in pieces: that the daemon has acknowledged. */
  onSent?: (bytes: number) => void;
  /** The upload is retried, from this byte if not from the start. */
  onRetry?: (reason: string, bytes?: number) => void;
  /** An upload that broke in an earlier run continues at this byte. */
  onContinue?: (bytes: number) => void;
  /** The daemon keeps what arrives: if this process ends, the next one continues. */
  onKept?: () => void;
}
