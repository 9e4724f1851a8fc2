/**
 * Sample requests and answers by operation, for readers of the description and for tools that build a mock of
 * the API. A test checks each against its schema, and finds operations without one.
 */

export const JOB_ID = '5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10';

const SHA256 = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08';

const TOKEN = {
  id: '0d6f8a5e-6b0c-4b43-8a4f-1f3c8a9be0c2',
  name: 'ci',
  scope: 'write',
  tables: ['sales.*'],
  createdAt: '2026-11-26T08:00:00.000Z',
  lastUsedAt: null,
  revokedAt: null,
};

const SUMMARY = {
  id: JOB_ID,
  filename: 'orders.csv',
  table: 'sales.orders',
  status: 'completed',
  totalRows: 1_000,
  processedRows: 1_000,
  successCount: 998,
  failedCount: 2,
  createdAt: '2026-11-26T08:00:00.000Z',
  startedAt: '2026-11-26T08:00:00.120Z',
  completedAt: '2026-11-26T08:00:00.480Z',
};

const REJECTED = {
  rowNumber: 3,
  message: 'quantity: "one" is not an integer',
  row: { id: '1003', product: 'Teapot', quantity: 'one' },
};

const JOB = {
  ...SUMMARY,
  errors: [REJECTED],
  reasons: [{ message: 'quantity is not an integer', rows: 2 }],
  sizeBytes: 48_210,
  sha256: SHA256,
  attempt: 1,
  source: { encoding: 'utf-8', delimiter: ',', compression: 'none', fields: 3, lineEnd: 'lf' },
  notices: [],
  timings: { queuedMs: 20, readingMs: 40, loadingMs: 300 },
  failure: null,
};

const CANCELLED = { ...JOB, status: 'cancelled', processedRows: 400, successCount: 398 };
const HELD = { ...JOB, status: 'held', completedAt: null };
const PENDING = { ...CANCELLED, status: 'pending', completedAt: null };
const UPLOADED = { jobId: JOB_ID, earlier: null, table: 'sales.orders' };
const EARLIER = {
  jobId: JOB_ID,
  filename: 'orders.csv',
  status: 'completed',
  createdAt: '2026-11-26T08:00:00.000Z',
  successCount: 998,
  failedCount: 2,
};

const REJECTION = {
  ...REJECTED,
  line: 4,
  column: 'quantity',
  code: 'not_an_integer',
};

const COLUMN_TYPE = {
  sql: 'integer',
  base: 'integer',
  kind: 'base',
  name: 'int4',
  system: true,
  typmod: -1,
  element: null,
  labels: null,
  domain: null,
};

const ROWS = [
  { id: 1001, product: 'Cup', quantity: 2 },
  { id: 1002, product: 'Saucer', quantity: 6 },
];

const READINESS = {
  ready: true,
  version: '0.2.0',
  checks: { postgresql: { ok: true, message: 'ok' }, redis: { ok: true, message: 'ok' } },
};

const DELIVERY = {
  id: '7c1f2c39-5f0f-4b5e-9a55-6f1f0d8f3a21',
  webhookId: 'msg_2f4e7a90-1c6b-4a0e-8a0e-6f5d3c2b1a09',
  type: 'job.completed',
  endpoint: 'erp',
  jobId: JOB_ID,
  status: 'pending',
  attempts: 1,
  createdAt: '2026-11-26T08:00:00.480Z',
  lastAttemptAt: '2026-11-26T08:00:01.010Z',
  nextAttemptAt: '2026-11-26T08:00:06.310Z',
  httpStatus: 503,
  error: 'answered 503',
};
const TESTED = {
  ...DELIVERY,
  type: 'webhook.test',
  jobId: null,
  status: 'delivered',
  nextAttemptAt: null,
  httpStatus: 204,
  error: null,
};
const UNTRIED = { lastAttemptAt: null, httpStatus: null, error: null };

/** What is sent to an endpoint. */
export const WEBHOOK = { type: 'job.completed', timestamp: '2026-11-26T08:00:00.480Z', data: SUMMARY };

/** A document, or the text of a body that is text. */
export interface Examples {
  request?: unknown;
  /** By status. */
  answers?: Record<number, unknown>;
}

export const EXAMPLES: Record<string, Examples> = {
  uploadFile: {
    answers: { 202: UPLOADED, 200: { jobId: JOB_ID, earlier: EARLIER } },
  },
  createResumableUpload: { request: 'id,product,quantity\n1001,Cup,2\n' },
  continueResumableUpload: { request: '1002,Saucer,6\n1003,Teapot,1\n' },
  getResumableUpload: {
    answers: {
      200: {
        id: JOB_ID,
        filename: 'orders.csv',
        length: 48_210,
        offset: 16_384,
        expiresAt: '2026-11-27T08:00:00.000Z',
        uploaded: null,
      },
    },
  },
  findEarlierJob: { answers: { 200: { earlier: EARLIER } } },
  previewFile: {
    answers: {
      200: {
        table: 'sales.orders',
        columns: [
          { name: 'id', type: 'integer' },
          { name: 'product', type: 'text' },
          { name: 'quantity', type: 'integer' },
        ],
        records: [
          {
            rowNumber: 1,
            line: 2,
            fate: 'inserted',
            stored: true,
            values: { id: '1001', product: 'Cup', quantity: '2' },
            generated: [],
            before: null,
            error: null,
          },
        ],
        counts: { inserted: 1, updated: 0, unchanged: 0, skipped: 0, rejected: 0 },
        more: true,
        beginning: false,
        source: { encoding: 'utf-8', delimiter: ',', compression: 'none' },
        notices: [],
      },
    },
  },
  listJobs: { answers: { 200: [SUMMARY] } },
  getJob: { answers: { 200: JOB } },
  cancelJob: { answers: { 200: CANCELLED } },
  acceptJob: { answers: { 200: JOB, 202: HELD } },
  discardJob: { answers: { 200: CANCELLED } },
  retryJob: { answers: { 202: PENDING } },
  loadDryRun: { answers: { 202: UPLOADED } },
  undoJob: {
    answers: {
      200: {
        removed: 996,
        restored: 0,
        referenced: 1,
        references: [{ constraint: 'lines_order_fkey', table: 'sales.lines', rows: 1, example: 'id = 1001' }],
        refused: 1,
        refusals: [
          {
            sqlstate: 'P0001',
            constraint: null,
            message: 'the books of May are closed',
            rows: 1,
            example: 'id = 1002',
          },
        ],
        kept: 0,
        changed: 0,
        missing: 0,
        jobId: JOB_ID,
        dryRun: false,
        inserted: 998,
        updated: 0,
        children: [],
      },
    },
  },
  downloadErrorsCsv: {
    answers: {
      200: 'rowNumber,id,product,quantity,error\n3,1003,Teapot,one,"line 4: quantity: ""one"" is not an integer"\n',
    },
  },
  downloadErrorsOriginal: {
    answers: {
      200: 'id,product,quantity,_line,_error\n1003,Teapot,one,4,"quantity: ""one"" is not an integer"\n',
    },
  },
  downloadErrorsJson: { answers: { 200: [REJECTION] } },
  downloadErrorsNdjson: { answers: { 200: `${JSON.stringify(REJECTION)}\n` } },
  downloadRowsCsv: { answers: { 200: 'id,product,quantity\n1001,Cup,2\n1002,Saucer,6\n' } },
  downloadRowsNdjson: { answers: { 200: `${ROWS.map((row) => JSON.stringify(row)).join('\n')}\n` } },
  listTables: {
    answers: {
      200: [{ schema: 'sales', name: 'orders', kind: 'table', rowEstimate: 12_000, key: ['id'] }],
    },
  },
  describeTable: {
    answers: {
      200: {
        table: { schema: 'sales', name: 'orders' },
        kind: 'table',
        columns: [
          {
            name: 'id',
            type: COLUMN_TYPE,
            notNull: true,
            default: null,
            identity: null,
            generated: null,
            insertable: true,
            collation: null,
            comment: null,
          },
        ],
        keys: [
          {
            name: 'orders_pkey',
            primary: true,
            parts: [{ column: 'id', expression: 'id', deterministic: true }],
            columns: ['id'],
            predicate: null,
            nullsNotDistinct: false,
            deferrable: false,
          },
        ],
        checks: [],
        foreignKeys: [],
        exclusions: [],
        triggers: [],
        rules: [],
        rowSecurity: false,
        partitionKey: null,
        fingerprint: SHA256,
        rowEstimate: 12_000,
        spec: {
          name: 'orders',
          schema: {
            fields: [{ name: 'id', type: 'integer', constraints: { required: true } }],
            primaryKey: ['id'],
          },
          csvjobs: { into: 'sales.orders' },
        },
      },
    },
  },
  createTable: {
    request: {
      table: 'sales.orders',
      columns: [
        { name: 'id', type: 'integer' },
        { name: 'product', type: 'text' },
      ],
      key: ['id'],
    },
    answers: { 201: { table: { schema: 'sales', name: 'orders' } } },
  },
  listTokens: { answers: { 200: [TOKEN] } },
  createToken: {
    request: { name: 'ci', scope: 'write', tables: ['sales.*'] },
    answers: { 201: { ...TOKEN, token: 'csvjobs_this-answer-alone-has-the-token' } },
  },
  revokeToken: { answers: { 200: { ...TOKEN, revokedAt: '2026-11-26T09:00:00.000Z' } } },
  listWebhooks: {
    answers: {
      200: {
        endpoints: [
          {
            name: 'erp',
            origin: 'https://erp.example.com',
            events: ['job.completed', 'job.failed'],
            tables: 'sales.*',
            disabledAt: null,
            configured: true,
            pending: 1,
            failed: 0,
          },
        ],
        deliveries: [DELIVERY],
      },
    },
  },
  testWebhook: {
    request: { endpoint: 'erp' },
    answers: {
      200: TESTED,
      202: { ...TESTED, ...UNTRIED, status: 'pending', attempts: 0, nextAttemptAt: TESTED.createdAt },
    },
  },
  redeliverWebhooks: {
    request: { ids: [DELIVERY.id] },
    answers: {
      202: {
        deliveries: [{ ...DELIVERY, ...UNTRIED, attempts: 0, nextAttemptAt: '2026-11-26T09:00:00.000Z' }],
      },
    },
  },
  describeApi: { answers: { 200: { openapi: '3.1.0' } } },
  getMetrics: {
    answers: {
      200: 'csvjobs_rows_total{outcome="loaded",table="sales.orders"} 998\n',
    },
  },
  getFrontPage: {
    answers: {
      200: {
        name: 'csvjobs',
        version: '0.2.0',
        ready: true,
        links: { description: '/api/openapi.json', ready: '/readyz', alive: '/healthz', metrics: '/metrics' },
      },
    },
  },
  getHealth: { answers: { 200: { status: 'ok', version: '0.2.0' } } },
  getReadiness: {
    answers: {
      200: READINESS,
      503: {
        ...READINESS,
        ready: false,
        checks: { ...READINESS.checks, redis: { ok: false, message: 'not ready' } },
      },
    },
  },
};
