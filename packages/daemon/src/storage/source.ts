/**
 * Where the bytes of a file are, as plain data: it is sent to the reading thread, which opens it there
 * (pipeline/sourceChunks.ts).
 */
export type ByteSource = FileSource | S3Source;

/** A file on this machine, or in a folder that machines share. */
export interface FileSource {
  kind: 'file';
  path: string;
  /** The file as it was when the reading was asked for; without it, whatever is there is read. */
  fence?: FileFence;
}

/** What changes when a file is replaced (`ino`) or written to. */
export interface FileFence {
  ino: number;
  size: number;
  mtimeMs: number;
}

/** An object, by whose ETag another one in its place is known. Credentials are found where it is read. */
export interface S3Source {
  kind: 's3';
  bucket: string;
  key: string;
  /** Another server than Amazon's. */
  endpoint?: string | undefined;
  etag: string;
  size: number;
  /** It is not csvjobs' own: it was named, not uploaded. */
  origin?: true;
}
