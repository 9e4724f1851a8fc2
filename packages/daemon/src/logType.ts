/** What is logged to, where nobody needs to know that it is pino: the part of its logger that is used. */
export interface Log {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
