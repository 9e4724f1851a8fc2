/** What is said of a rejected record of `customers`: in the words of the reference, made here and nowhere else. */
import {
  emailMessage,
  headingOf,
  isEmailKey,
  REQUIRED_COLUMNS,
  type RejectionCode,
  type Target,
  type TargetReason,
} from '@csvjobs/shared';
import type { RefusalWords } from '../target/targetReject.js';

/** The name of the key by which two customers are the same. */
export function emailKeyOf({ keys }: Pick<Target, 'keys'>): string {
  return keys.find(isEmailKey)!.name;
}

/** Whether the rules of customers give a reason, and not a spec, or the table beside them. */
export function isOwnRule({ code, column = '' }: TargetReason): boolean {
  if (code === 'email_invalid') return column === 'email';
  return code === 'required' && (REQUIRED_COLUMNS as readonly string[]).includes(column);
}

/**
 * The sentence of a reason. Of what is no rule of customers without its value, which stands in the row: a job counts its rejects by
 * message.
 */
export function customerMessage(reason: TargetReason): string {
  if (!isOwnRule(reason)) return headingOf(reason);
  return reason.code === 'email_invalid' ? emailMessage(reason.params.value) : `${reason.column} is required`;
}

/** A refused record with its reasons, of which there is at least one, as `refusedFor` is for any other table. */
export function refusedCustomer(
  reasons: readonly TargetReason[],
  { rowNumber, line }: { rowNumber: number; line: number },
  emailKey?: string,
): RefusalWords {
  // The rules of customers come first, in the order of their columns.
  const all = [...reasons.filter(isOwnRule), ...reasons.filter((reason) => !isOwnRule(reason))];
  const said = all.map(
    (reason) => repeatOf(reason, emailKey) ?? { code: reason.code, message: customerMessage(reason) },
  );
  const message = said.map((each) => each.message).join('; ');
  return {
    rowNumber,
    line,
    column: all[0]!.column ?? null,
    code: said[0]!.code,
    message,
    reasons: undefined,
  };
}

function repeatOf(
  reason: TargetReason,
  emailKey: string | undefined,
): { code: RejectionCode; message: string } | undefined {
  const { code, params } = reason;
  if (code !== 'duplicate_in_file' && code !== 'duplicate_in_table') return undefined;
  if (params.constraint === undefined || params.constraint !== emailKey) return undefined;
  if (code === 'duplicate_in_file') return { code, message: `duplicate of row ${params.row}` };
  return { code: 'already_in_customers', message: 'already in customers' };
}
