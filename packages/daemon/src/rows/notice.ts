/**
 * What is said of a file beside its result. A sentence is an assumption: something that the file does not say for certain, nor a
 * person. `option` says the same explicitly. A `note` assumes nothing: it says what a person asked for, or what the file shows.
 */
export type Notice = string | { assumed: string; option: string } | { note: string };
