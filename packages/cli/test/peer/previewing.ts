/** A preview as a daemon answers it: one record with each outcome. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Preview } from '@csvjobs/shared';
import { json, refuse } from './answers.js';
import { receiveForm } from './form.js';

const none = { stored: true, generated: [], before: null, error: null };

export const PREVIEW: Preview = {
  table: 'shop.prices',
  columns: [
    { name: 'id', type: 'integer' },
    { name: 'sku', type: 'text' },
    { name: 'price', type: 'numeric(8,2)' },
    { name: 'note', type: 'text' },
    { name: 'never', type: 'text' },
  ],
  records: [
    {
      ...none,
      ...{ rowNumber: 1, line: 2, fate: 'inserted', generated: ['id'] },
      values: { id: null, sku: 'a3', price: '9.50', note: 'new', never: null },
    },
    {
      ...none,
      ...{ rowNumber: 2, line: 3, fate: 'updated' },
      values: { id: '1', sku: 'a1', price: '6.00', note: 'sale', never: null },
      before: { id: '1', sku: 'a1', price: '5.00', note: 'sale', never: null },
    },
    {
      ...none,
      ...{ rowNumber: 3, line: 4, fate: 'unchanged' },
      values: { id: '2', sku: 'a2', price: '8.00', note: null, never: null },
    },
    {
      ...none,
      ...{ rowNumber: 4, line: 5, fate: 'rejected', stored: false },
      values: { sku: 'a4', price: 'cheap', note: '' },
      error: { message: 'price: "cheap" is not a number', code: 'not_a_number', column: 'price' },
    },
  ],
  counts: { inserted: 1, updated: 1, unchanged: 1, skipped: 0, rejected: 1 },
  more: true,
  beginning: false,
  source: { encoding: 'utf-8', delimiter: ',', compression: 'none' },
  notices: ['ignored columns: colour'],
};

/** For a replacement. */
export const REPLACED: Preview = {
  ...PREVIEW,
  removed: {
    ...{ rows: 1_200, of: 2_000, whole: true },
    first: [
      { id: '9', sku: 'a9', price: '3.00', note: null },
      { id: '10', sku: 'a10\u001b[31m', price: '4.00', note: 'a long note '.repeat(20) },
    ],
    refusals: [
      { code: 'max_removed_exceeded', message: '1200 of the 2000 rows would go: --max-removed 1200' },
      { code: 'gate_not_met', message: '1 of the 4 records would be rejected: --max-errors 1' },
    ],
  },
};

export interface SeenPreview {
  filename: string;
  bytes: number;
  query: string;
  spec: string | undefined;
}

/** Returns the request. */
export async function answerPreview(
  request: IncomingMessage,
  response: ServerResponse,
): Promise<SeenPreview | undefined> {
  const form = await receiveForm(request);
  if (typeof form === 'string') {
    refuse(response, 'upload_truncated', 'The last boundary is missing.');
    return undefined;
  }
  const { filename, content, spec } = form;
  json(response, 200, spec?.includes('replace') ? REPLACED : PREVIEW);
  return { filename, bytes: content.length, query: new URL(request.url ?? '', 'http://x').search, spec };
}
