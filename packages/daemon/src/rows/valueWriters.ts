/** Which writer a column's type has. Types without one are judged and read by PostgreSQL itself. */
import type { TargetType } from '@csvjobs/shared';
import { booleanWriter } from './types/boolean.js';
import { byteaWriter } from './types/bytea.js';
import { dateWriter, timestampWriter, timeWriter } from './types/dateTime.js';
import { enumWriter } from './types/enumeration.js';
import { floatWriter } from './types/float.js';
import { bigintWriter, integerWriter } from './types/integer.js';
import { numericWriter } from './types/numeric.js';
import { charWriter, textWriter, varcharWriter } from './types/text.js';
import { uuidWriter } from './types/uuid.js';
import type { ValueWriter } from './types/valueWriter.js';

const BY_NAME: Record<string, (typmod: number) => ValueWriter> = {
  int2: () => integerWriter(2),
  int4: () => integerWriter(4),
  int8: () => bigintWriter,
  numeric: numericWriter,
  float4: () => floatWriter(4),
  float8: () => floatWriter(8),
  bool: () => booleanWriter,
  text: () => textWriter,
  varchar: varcharWriter,
  bpchar: charWriter,
  bytea: () => byteaWriter,
  uuid: () => uuidWriter,
  date: () => dateWriter,
  time: timeWriter,
  timestamp: (typmod) => timestampWriter(typmod, false),
  timestamptz: (typmod) => timestampWriter(typmod, true),
};

/**
 * The writer of a type. Undefined for a type that only PostgreSQL can read, and for a domain with conditions of its own:
 * COPY would check them, but one bad value costs its whole batch the straight way.
 */
export function valueWriterOf({
  kind,
  name,
  system,
  typmod,
  labels,
  domain,
}: TargetType): ValueWriter | undefined {
  if (domain !== null && domain.checks.length > 0) return undefined;
  if (kind === 'enum') return enumWriter(labels ?? []);
  return kind === 'base' && system ? BY_NAME[name]?.(typmod) : undefined;
}
