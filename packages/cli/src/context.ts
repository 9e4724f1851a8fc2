/** What every command is given: its streams, settings, the signal that ends it, and the daemon when it needs one. */
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
  /** Writes a line and its end. */
  line(text: string): void;
  /** The same for what has commands in it that a person may copy. */
  hint(text: string): void;
}

export interface Context {
  settings: Settings;
  /** The command and its options as they were called, without the files or other arguments. */
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
  /** Ends the program as a signal would: for keys of the live views. */
  interrupt(exitCode: 130): void;
  /** Says that jobs are watched, or files checked: should the reader of stdout go away, that is exit 8, not 0. */
  watching(): void;
  /** The daemon's client; loaded when first asked for. */
  client(): Promise<DaemonClient>;
  /** A client of another daemon, or with another token. */
  clientFor(url: URL, token: string | undefined): Promise<DaemonClient>;
}
