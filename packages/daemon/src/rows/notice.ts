/**
 * A statement about a file, in addition to its result. A plain string is an assumption: something that neither the file
 * nor the user says for certain, as is `assumed`, whose `option` makes it explicit. A `note` assumes nothing: it says
 * what the user asked for, or what the file shows.
 */
export type Notice = string | { assumed: string; option: string } | { note: string };
