/** Words the refusals of records of `customers` as the reference does. Only this file does. */
import type { RejectionCode, Target, TargetReason } from '@csvjobs/shared';
import { emailMessage, headingOf, isEmailKey, REQUIRED_COLUMNS } from '@csvjobs/shared/reading';
import type { RefusalWords } from '../target/targetReject.js';

/** Returns the name of the key that identifies a customer. */
export function emailKeyOf({ keys }: Pick<Target, 'keys'>): string {
  return keys.find(isEmailKey)!.name;
}

/** Returns whether a reason comes from the rules of customers, not from a spec or from the table's other rules. */
export function isOwnRule({ code, column = '' }: TargetReason): boolean {
  if (code === 'email_invalid') return column === 'email';
  return code === 'required' && (REQUIRED_COLUMNS as readonly string[]).includes(column);
}

/**
 * Returns the message of a reason. If it is not from a rule of customers it omits the value, which is in the row,
 * because a job counts its rejects by message.
 */
export function customerMessage(reason: TargetReason): string {
  if (!isOwnRule(reason)) return headingOf(reason);
  return reason.code === 'email_invalid' ? emailMessage(reason.params.value) : `${reason.column} is required`;
}

/** Builds a reject from one or more reasons, as `refusedFor` does for any other table. */
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
