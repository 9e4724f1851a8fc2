/** How a spec reads the text of a column, as plain data. Without a reading, only an empty text means no value. */
export interface Reading {
  /** Words that mean no value, to the letter. */
  missing: readonly string[];
  /** Blanks around a text are no part of it, also where the column's type would keep them. */
  trim: boolean;
  /** Blanks around a value are a fault where its type would leave them out: nothing is to be assumed. */
  exact?: true;
  /** How the file writes a value, where that is not how PostgreSQL does. */
  form: Form | undefined;
  limits: Limits | undefined;
}

/** Marks of numbers are one character each. */
export type Form =
  | { kind: 'number'; decimal: string; group: string | undefined; bare: boolean }
  | {
      kind: 'dateTime';
      /** A pattern of strptime. */
      format: string;
      /** The column keeps a time zone. */
      zone: boolean;
    }
  /** Each word of the file, and the text that it stands for. */
  | { kind: 'words'; words: readonly (readonly [word: string, text: string])[] }
  /** The items of an array with a delimiter between; their type (pg_type), whether it is PostgreSQL's, and its typmod. */
  | { kind: 'list'; delimiter: string; item: string; system: boolean; typmod: number }
  /** Times without an offset are of this zone: the value, or what an array or a range has in it. */
  | { kind: 'localTime'; timeZone: string; of: 'value' | 'items'; form: Form | undefined }
  /** The text is kept, but has to be one of these. */
  | { kind: 'plain'; type: PlainType };

export const PLAIN_TYPES = [
  'integer',
  'number',
  'boolean',
  'date',
  'time',
  'datetime',
  'year',
  'yearmonth',
  'email',
] as const;
export type PlainType = (typeof PLAIN_TYPES)[number];

/** Constraints of Table Schema v2 on one value. Texts are in PostgreSQL's form. */
export interface Limits {
  /** Characters of a text, or items of a list. */
  minLength?: number;
  maxLength?: number;
  minimum?: string;
  maximum?: string;
  exclusiveMinimum?: string;
  exclusiveMaximum?: string;
  /** Matched against the whole text as the file has it. */
  pattern?: string;
  enum?: readonly string[];
}
