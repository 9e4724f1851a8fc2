/**
 * The rules for the values of a customer, as a zod schema. Exported separately as `@csvjobs/shared/customerSchema`, for
 * the thread that reads a file: it needs none of the schemas of the API.
 */
import { z } from 'zod';
import { isEmail } from './customer.js';
import { emailMessage } from './emailAdvice.js';

/** A value as the rules see it: without surrounding white space. */
const trimmed = z.string().trim();

/**
 * The rules for one customer record: drop unknown keys, trim white space around values, read an empty phone as null.
 */
export const customerSchema = z.object({
  name: trimmed.min(1, 'name is required'),
  email: trimmed
    .min(1, 'email is required')
    .refine((value) => value === '' || isEmail(value), { error: ({ input }) => emailMessage(String(input)) }),
  phone: trimmed.transform((value) => (value === '' ? null : value)),
  company: trimmed.min(1, 'company is required'),
});

export type Customer = z.infer<typeof customerSchema>;
