/** What every command receives: its streams, settings, the signal that stops it, and the daemon if it needs one. */
import type { ReadStream } from 'node:tty';
import type { DaemonClient } from './client/daemonClient.js';
import type { ProgressMode, Settings } from './config/settings.js';
import type { Paint } from './text/paint.js';

export interface Output {
  stream: NodeJS.WriteStream;
  tty: boolean;
  /** Columns of the terminal; undefined in a pipe, where nothing is cut. */
  columns: number | undefined;
  paint: Paint;
  /** Writes a line with a line end. On stderr, a terminal gets it folded between words. */
  line(text: string): void;
  /** The same for text that contains commands to copy. */
  hint(text: string): void;
  /** The same for a line that is complete as it is: JSON, what a CI system reads, a frame of a view. */
  exact(text: string): void;
  /** Returns a text with its commands as `hint` writes them. */
  typed(text: string): string;
}

export interface Context {
  settings: Settings;
  /** The command and its options as called, without files and other arguments. */
  words: readonly string[];
  json: boolean;
  quiet: boolean;
  /** How progress is shown, `auto` resolved. */
  progress: Exclude<ProgressMode, 'auto'>;
  stdin: NodeJS.ReadStream | ReadStream;
  /** Data only. */
  out: Output;
  /** Everything else. */
  err: Output;
  signal: AbortSignal;
  /** Stops the program as a signal would; for keys of the live views. */
  interrupt(exitCode: 130): void;
  /** Calls a listener instead of suspending the program (SIGTSTP), until the returned function is called. */
  onSuspend(listener: () => void): () => void;
  /** Declares that jobs are being watched or files checked: if the reader of stdout goes away, exit 8, not 0. */
  watching(): void;
  /** The daemon's client; loaded on first use. */
  client(): Promise<DaemonClient>;
  /** A client of another daemon, or with another token. */
  clientFor(chosen: Pick<Settings, 'url' | 'token' | 'profile'>): Promise<DaemonClient>;
}
