/** Made from the description of the API by `npm run docs`; not to be changed by hand. */
export interface paths {
    "/api/jobs/upload": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Upload a CSV file as a job
         * @description Needs a token of scope write.
         */
        post: operations["uploadFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/preview": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Preview the first records of a file as they would be stored: they are loaded in a transaction that is rolled back, without a job
         * @description Needs a token of scope write.
         */
        post: operations["previewFile"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/earlier": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Find out whether a file was already loaded: the newest job that has loaded it, or still may
         * @description Needs a token of scope read.
         */
        get: operations["findEarlierJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List jobs, newest first
         * @description Needs a token of scope read.
         */
        get: operations["listJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a job
         * @description Needs a token of scope read.
         */
        get: operations["getJob"];
        put?: never;
        post?: never;
        /**
         * Delete a job that has ended, with its report and file; loaded rows stay
         * @description Needs a token of scope admin.
         */
        delete: operations["deleteJob"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancel a job; loaded rows stay. A held job is discarded
         * @description Needs a token of scope write.
         */
        post: operations["cancelJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Retry a failed or cancelled job: it resumes where it stopped. An undone job starts from the beginning
         * @description Needs a token of scope write.
         */
        post: operations["retryJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/load": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Load the file of a completed dry run as a new job; repeated requests return the same job
         * @description Needs a token of scope write.
         */
        post: operations["loadDryRun"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/accept": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Accept a held job: commit its rows
         * @description Needs a token of scope write.
         */
        post: operations["acceptJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/discard": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Discard a held job: roll back its rows
         * @description Needs a token of scope write.
         */
        post: operations["discardJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/undo": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Undo a job that has ended: remove the rows it inserted and restore those it updated, except rows that were changed or referenced since
         * @description Needs a token of scope write.
         */
        post: operations["undoJob"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/uploads": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Start a resumable upload (tus 1.0, creation); the request may contain its first bytes
         * @description Needs a token of scope write.
         */
        post: operations["createResumableUpload"];
        delete?: never;
        /**
         * Show which parts of tus 1.0 this daemon supports
         * @description Needs a token of scope read.
         */
        options: operations["describeResumableUploads"];
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/uploads/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Get a resumable upload: how much of it is stored, and its job
         * @description Needs a token of scope write.
         */
        get: operations["getResumableUpload"];
        put?: never;
        post?: never;
        /**
         * Abandon a resumable upload that is not a job yet, and remove its stored bytes
         * @description Needs a token of scope write.
         */
        delete: operations["endResumableUpload"];
        options?: never;
        /**
         * Get the offset at which a resumable upload continues
         * @description Needs a token of scope write.
         */
        head: operations["findResumableOffset"];
        /**
         * Send the next bytes of a resumable upload; with the last one it becomes a job
         * @description Needs a token of scope write.
         */
        patch: operations["continueResumableUpload"];
        trace?: never;
    };
    "/api/jobs/{id}/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch the progress of a job as server-sent events, until it has ended
         * @description Needs a token of scope read.
         */
        get: operations["watchJob"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Watch the 200 newest jobs as server-sent events
         * @description Needs a token of scope read.
         */
        get: operations["watchJobs"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/errors.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the rejected records as CSV
         * @description Needs a token of scope read.
         */
        get: operations["downloadErrorsCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/errors.original": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the rejected records as they are in the file, with its header and delimiter, and two more columns, _line and _error; fix them and upload them with ?fixes=
         * @description Needs a token of scope read.
         */
        get: operations["downloadErrorsOriginal"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/errors.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the rejected records with all details, as one array
         * @description Needs a token of scope read.
         */
        get: operations["downloadErrorsJson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/errors.ndjson": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the rejected records with all details, one document per line (each a Rejection)
         * @description Needs a token of scope read.
         */
        get: operations["downloadErrorsNdjson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/rows.csv": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the rows that a job has loaded, as they are now, as CSV
         * @description Needs a token of scope read.
         */
        get: operations["downloadRowsCsv"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/jobs/{id}/rows.ndjson": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Download the rows that a job has loaded, as they are now, one JSON document per line
         * @description Needs a token of scope read.
         */
        get: operations["downloadRowsNdjson"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tables": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List the tables that this token may load into
         * @description Needs a token of scope read.
         */
        get: operations["listTables"];
        put?: never;
        /**
         * Create a table from its columns; csvjobs create-table proposes them from a file
         * @description Needs a token of scope admin.
         */
        post: operations["createTable"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tables/{table}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Describe a table: columns, keys, checks, foreign keys, triggers, and the equivalent spec
         * @description Needs a token of scope read.
         */
        get: operations["describeTable"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List webhook endpoints, and the newest deliveries to them
         * @description Needs a token of scope admin that is for all tables.
         */
        get: operations["listWebhooks"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks/test": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Send a test to a webhook endpoint: one attempt, with the type webhook.test
         * @description Needs a token of scope admin that is for all tables.
         */
        post: operations["testWebhook"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/webhooks/redeliver": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Redeliver webhooks whose deliveries have ended, with the same webhook-id
         * @description Needs a token of scope admin that is for all tables.
         */
        post: operations["redeliverWebhooks"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * What this is, whether it is ready, and links; a page for browsers
         * @description Needs no token.
         */
        get: operations["getFrontPage"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * List API tokens, including revoked ones
         * @description Needs a token of scope admin that is for all tables.
         */
        get: operations["listTokens"];
        put?: never;
        /**
         * Create an API token; only this response contains it
         * @description Needs a token of scope admin that is for all tables.
         */
        post: operations["createToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/tokens/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /**
         * Revoke an API token
         * @description Needs a token of scope admin that is for all tables.
         */
        delete: operations["revokeToken"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/openapi.json": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * This description
         * @description Needs a token of scope read.
         */
        get: operations["describeApi"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/metrics": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Metrics for Prometheus
         * @description Needs a token of scope read that is for all tables.
         */
        get: operations["getMetrics"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/healthz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the daemon is alive
         * @description Needs no token.
         */
        get: operations["getHealth"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/readyz": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Whether the daemon is ready, and which part is not; the reason only with a token
         * @description Needs no token.
         */
        get: operations["getReadiness"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface webhooks {
    jobEnded: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * A job has ended, or is held
         * @description Signed according to Standard Webhooks 1.0 (docs/webhooks.md).
         */
        post: operations["jobEnded"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export interface components {
    schemas: {
        /** @description A job has ended, or is held. */
        WebhookBody: {
            /** @enum {string} */
            type: "job.completed" | "job.failed" | "job.cancelled" | "job.held" | "job.undone";
            /**
             * Format: date-time
             * @description time of the event; the same for each attempt to deliver it
             */
            timestamp: string;
            data: components["schemas"]["JobSummary"];
        };
        /** @description A job in a list. */
        JobSummary: {
            /** Format: uuid */
            id: string;
            /** @description the name the client gave; data, never a path */
            filename: string;
            /** @description the table that it loads into, in double quotes if its name needs them: sales.orders; missing from older daemons, which load into customers */
            table?: string;
            /** @enum {string} */
            status: "pending" | "processing" | "held" | "completed" | "failed" | "cancelled" | "undone";
            /** @description number of records in the file; known from the first processing event */
            totalRows: number;
            processedRows: number;
            successCount: number;
            failedCount: number;
            /** @description if rows may be updated or skipped: the outcome of those that were not rejected */
            counts?: {
                inserted: number;
                updated: number;
                /** @description already in the table as in the file; not written */
                unchanged: number;
                /** @description skipped because their key is in the table; neither good nor bad */
                skipped: number;
                /** @description for a replacement: rows that the table had and the file lacks */
                removed?: number;
            };
            /** @description for a pending job whose file is being read before the first row is loaded; otherwise missing */
            reading?: {
                /** @description bytes of the stored file, as compressed */
                readBytes: number;
                totalBytes: number;
                /** @description 1 at first; a file that is not UTF-8 is read again from the start */
                pass: number;
            };
            /** @description how its rows are loaded; missing for the default */
            mode?: {
                /**
                 * @description a row whose key is in the table is rejected (the default), skipped, or updated
                 * @enum {string}
                 */
                onConflict?: "reject" | "skip" | "update";
                /** @description the columns by which rows of the table are found */
                key?: string[];
                /**
                 * @description rows whose key is not in the table are rejected
                 * @enum {boolean}
                 */
                updateOnly?: true;
                /**
                 * @description all rows become visible at the end, in one transaction
                 * @enum {boolean}
                 */
                atomic?: true;
                /**
                 * @description the same load, but rolled back
                 * @enum {boolean}
                 */
                dryRun?: true;
                /**
                 * @description replace the content of the table with that of the file: other rows are removed, in the same transaction
                 * @enum {boolean}
                 */
                replace?: true;
                /** @description with replace: how many rows of the table may be removed: a number, or a percentage of its rows such as "10%" */
                maxRemoved?: number | string;
                /**
                 * @description the job stops before its commit until someone accepts or discards it; implies atomic
                 * @enum {boolean}
                 */
                hold?: true;
                /** @description how many rows may be rejected: a number, or a percentage such as "1%". With more, an atomic job loads nothing; other jobs leave the verdict to their clients */
                maxErrors?: number | string;
            };
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            startedAt: string | null;
            /** Format: date-time */
            completedAt: string | null;
        };
        /**
         * @description RFC 9457; docs/errors.md lists the codes.
         * @example {
         *       "type": "urn:csvjobs:problem:job_not_found",
         *       "title": "There is no such job",
         *       "status": 404,
         *       "detail": "there is no job 5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
         *       "code": "job_not_found",
         *       "instance": "/api/jobs/5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10"
         *     }
         */
        Problem: {
            /** @description a URI reference for the type of problem */
            type: string;
            title: string;
            status: number;
            detail: string;
            /** @description stable: scripts can rely on it */
            code: string;
            instance?: string;
            requestId?: string;
            /** @description options for the command line that make the file acceptable */
            options?: string[];
        };
        /** @description The first records of a file as they would be stored. */
        Preview: {
            table: string;
            /** @description columns of the table, in its order, that this database role may read */
            columns: {
                name: string;
                /** @description as PostgreSQL writes it */
                type: string;
            }[];
            records: {
                /** @description 1 is the first record after the header */
                rowNumber: number;
                /** @description the line of the file where it starts */
                line: number;
                /** @enum {string} */
                fate: "inserted" | "updated" | "unchanged" | "skipped" | "rejected";
                /** @description true: `values` is the row in PostgreSQL, as text; false: it is the record as csvjobs read it */
                stored: boolean;
                /** @description by column; null for NULL */
                values: {
                    [key: string]: string | null;
                };
                /** @description columns whose values the table generates, such as an identity: null in `values` */
                generated: string[];
                /** @description for an updated record: the row before; otherwise null */
                before: {
                    [key: string]: string | null;
                } | null;
                /** @description why it would be rejected; otherwise null */
                error: {
                    /** @description everything that is wrong with it */
                    message: string;
                    /** @enum {string} */
                    code: "already_in_customers" | "stray_quote" | "unclosed_quote" | "record_too_long" | "nul_character" | "invalid_encoding" | "wrong_number_of_fields" | "may_be_footer" | "required" | "blanks_around" | "not_an_integer" | "not_a_number" | "out_of_range" | "too_many_decimals" | "too_many_digits" | "would_be_rounded" | "too_long" | "too_few_items" | "too_many_items" | "too_short" | "not_a_boolean" | "not_a_date" | "not_a_time" | "not_a_timestamp" | "time_ignored" | "no_such_date" | "no_such_time" | "date_format_unknown" | "time_zone_missing" | "time_skipped" | "time_repeated" | "time_zone_ignored" | "not_a_uuid" | "not_bytes" | "not_in_list" | "not_in_number_format" | "email_invalid" | "not_in_format" | "too_small" | "not_above" | "too_large" | "not_below" | "not_comparable" | "pattern_mismatch" | "not_json" | "not_an_address" | "not_an_array" | "invalid_value" | "check_failed" | "foreign_key_missing" | "lookup_missing" | "lookup_ambiguous" | "duplicate_in_file" | "duplicate_in_table" | "not_in_table" | "partition_missing" | "refused" | "dropped_by_trigger";
                    /** @description the column of the first error, if any */
                    column: string | null;
                    /** @description missing if there is only the message */
                    reasons?: {
                        /** @description the first column that caused the error, if any */
                        column: string | null;
                        /** @enum {string} */
                        code: "required" | "blanks_around" | "not_an_integer" | "not_a_number" | "out_of_range" | "too_many_decimals" | "too_many_digits" | "would_be_rounded" | "too_long" | "too_few_items" | "too_many_items" | "too_short" | "not_a_boolean" | "not_a_date" | "not_a_time" | "not_a_timestamp" | "time_ignored" | "no_such_date" | "no_such_time" | "date_format_unknown" | "time_zone_missing" | "time_skipped" | "time_repeated" | "time_zone_ignored" | "not_a_uuid" | "not_bytes" | "not_in_list" | "not_in_number_format" | "email_invalid" | "not_in_format" | "too_small" | "not_above" | "too_large" | "not_below" | "not_comparable" | "pattern_mismatch" | "not_json" | "not_an_address" | "not_an_array" | "invalid_value" | "check_failed" | "foreign_key_missing" | "lookup_missing" | "lookup_ambiguous" | "duplicate_in_file" | "duplicate_in_table" | "not_in_table" | "partition_missing" | "refused" | "dropped_by_trigger";
                        message: string;
                        /** @description the message without its value, as counted in the reasons of a job */
                        heading: string;
                        /** @description what to do about it, in one sentence; missing from older daemons */
                        advice?: string;
                        /** @description the value that caused the error */
                        value?: string;
                        /** @description the constraint that the record violates */
                        constraint?: string;
                        /** @description PostgreSQL's code, if it refused the record */
                        sqlstate?: string;
                    }[];
                } | null;
            }[];
            counts: {
                inserted: number;
                updated: number;
                unchanged: number;
                skipped: number;
                rejected: number;
            };
            /** @description for a replacement; missing for others, and if the rows to remove are unknown, as a notice then says */
            removed?: {
                /** @description how many rows of the table would be removed */
                rows: number;
                /** @description how many rows the table has */
                of: number;
                /** @description some of them, 20 at most */
                first: {
                    [key: string]: string | null;
                }[];
                /** @description true: all records of the file were checked; false: the file has no key of the table, so all rows would be removed */
                whole: boolean;
                /** @description what would make the load fail without a change: gate_not_met, max_removed_exceeded, rows_referenced, rows_not_removed; only if `whole` */
                refusals: {
                    code: string;
                    message: string;
                }[];
            };
            /** @description the file has more records than these */
            more: boolean;
            /** @description only the beginning of the file was read: encoding, delimiter and layout depend on it alone */
            beginning: boolean;
            source: {
                encoding: string;
                delimiter: string;
                compression: string;
            };
            /** @description what you should know about the file */
            notices: string[];
        };
        /** @description An uploaded file on its way into the database. */
        Job: {
            /** Format: uuid */
            id: string;
            /** @description the name the client gave; data, never a path */
            filename: string;
            /** @description the table that it loads into, in double quotes if its name needs them: sales.orders; missing from older daemons, which load into customers */
            table?: string;
            /** @enum {string} */
            status: "pending" | "processing" | "held" | "completed" | "failed" | "cancelled" | "undone";
            /** @description number of records in the file; known from the first processing event */
            totalRows: number;
            processedRows: number;
            successCount: number;
            failedCount: number;
            /** @description if rows may be updated or skipped: the outcome of those that were not rejected */
            counts?: {
                inserted: number;
                updated: number;
                /** @description already in the table as in the file; not written */
                unchanged: number;
                /** @description skipped because their key is in the table; neither good nor bad */
                skipped: number;
                /** @description for a replacement: rows that the table had and the file lacks */
                removed?: number;
            };
            /** @description for a pending job whose file is being read before the first row is loaded; otherwise missing */
            reading?: {
                /** @description bytes of the stored file, as compressed */
                readBytes: number;
                totalBytes: number;
                /** @description 1 at first; a file that is not UTF-8 is read again from the start */
                pass: number;
            };
            /** @description the first 100 rejected rows of a single job; always empty in a list of jobs */
            errors: {
                /** @description 1 is the first record after the header */
                rowNumber: number;
                message: string;
                row: {
                    [key: string]: string;
                };
            }[];
            /** @description all rejected rows by reason, most frequent first; missing if an older daemon rejected some */
            reasons?: {
                /** @description the message of these rows, without line and row numbers */
                message: string;
                rows: number;
                /** @description what to do about it, in one sentence, for the first of these rows; only if it is among the first 100 rejected rows */
                advice?: string;
            }[];
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            startedAt: string | null;
            /** Format: date-time */
            completedAt: string | null;
            sizeBytes: number;
            /** @description of the file; with origin, a hash of address, ETag and size instead of the content, which was not read */
            sha256: string;
            /** @description number of times that a worker has started the job */
            attempt: number;
            source: {
                /** @description utf-8, utf-16le, utf-16be, windows-1252 or iso-8859-1 */
                encoding: string;
                /** @description the field delimiter */
                delimiter: string;
                /** @enum {string} */
                compression: "none" | "gzip" | "zstd";
                /** @description number of fields of each record: those of the header, and empty ones after them that all records have; missing from older daemons */
                fields?: number;
                /**
                 * @description the line end of the records; missing if there is none
                 * @enum {string}
                 */
                lineEnd?: "lf" | "crlf" | "cr";
                /**
                 * @description the file has other line ends, but no long stretch of them: a record next to one is loaded only if the record on its other side is valid
                 * @enum {boolean}
                 */
                strayLineEnds?: true;
                /** @description the line of the header, if lines above it were skipped */
                headerLine?: number;
                /** @description the first line after the records that was skipped */
                footerLine?: number;
                /** @description the first of the lines that were declared as the footer, but look like records: these are rejected */
                doubtfulLine?: number;
                /**
                 * @description the first record is skipped: a line of dashes below the header, or sep= in a file without a header
                 * @enum {boolean}
                 */
                ruleLine?: true;
                /**
                 * @description records that lack optional fields at their end are loaded if they cannot be part of another record
                 * @enum {boolean}
                 */
                shortRecords?: true;
                /** @description how the file is read, as far as the upload or the spec defines it */
                dialect?: {
                    /** @description the quote character; null: no field is quoted */
                    quote?: string | null;
                    /** @description escape character: the next character is taken literally */
                    escape?: string;
                    /** @description false: two quotes in a quoted field do not mean one */
                    doubleQuote?: boolean;
                    /** @description blanks after a delimiter are not part of the value */
                    skipInitialSpace?: boolean;
                    /**
                     * @description lenient: a quote inside a field is text; strict: the record is rejected
                     * @enum {string}
                     */
                    quotes?: "strict" | "lenient";
                    /** @description lines that begin with it are not records */
                    comment?: string;
                    /** @description lines that are not records; 1 is the first */
                    commentRows?: number[];
                    /** @description number of lines at the start that are not records */
                    skipLines?: number;
                    /** @description the file has no header; its columns are these */
                    columns?: string[];
                    /** @description the lines where the rows of the header start; 1 is the first */
                    headerRows?: number[];
                    /** @description text between the names of several header rows; default: a space */
                    headerJoin?: string;
                    /** @description number of lines at the end that are not records, not counting blank ones; 0: there is no footer */
                    footer?: number;
                };
            } | null;
            /** @description what you should know about the file: ignored columns, encoding */
            notices: string[];
            /** @description time spent in each phase, in milliseconds, over all attempts (since the retry, if the job was undone before); missing from older daemons */
            timings?: {
                /** @description waiting for a worker */
                queuedMs: number;
                /** @description surveying the file before the first row is loaded */
                readingMs: number;
                /** @description loading rows */
                loadingMs: number;
            };
            /** @description why the job failed, or why it waits for its next attempt */
            failure: {
                code: string;
                message: string;
            } | null;
            /** @description how its rows are loaded; missing for the default */
            mode?: {
                /**
                 * @description a row whose key is in the table is rejected (the default), skipped, or updated
                 * @enum {string}
                 */
                onConflict?: "reject" | "skip" | "update";
                /** @description the columns by which rows of the table are found */
                key?: string[];
                /**
                 * @description rows whose key is not in the table are rejected
                 * @enum {boolean}
                 */
                updateOnly?: true;
                /**
                 * @description all rows become visible at the end, in one transaction
                 * @enum {boolean}
                 */
                atomic?: true;
                /**
                 * @description the same load, but rolled back
                 * @enum {boolean}
                 */
                dryRun?: true;
                /**
                 * @description replace the content of the table with that of the file: other rows are removed, in the same transaction
                 * @enum {boolean}
                 */
                replace?: true;
                /** @description with replace: how many rows of the table may be removed: a number, or a percentage of its rows such as "10%" */
                maxRemoved?: number | string;
                /**
                 * @description the job stops before its commit until someone accepts or discards it; implies atomic
                 * @enum {boolean}
                 */
                hold?: true;
                /** @description how many rows may be rejected: a number, or a percentage such as "1%". With more, an atomic job loads nothing; other jobs leave the verdict to their clients */
                maxErrors?: number | string;
            };
            /** @description for a job that is or was held: time limit, first rows, and who answered; otherwise missing */
            held?: {
                /**
                 * Format: date-time
                 * @description when its rows are rolled back if no one answers
                 */
                until: string;
                /** @description some of its inserted and updated rows, 20 at most; in a single job; empty if the table does not allow reading them */
                rows: {
                    /** @description the row as other sessions see it; null if it is new */
                    old: {
                        [key: string]: string | null;
                    } | null;
                    /** @description the row as it will be */
                    new: {
                        [key: string]: string | null;
                    };
                }[];
                /**
                 * @description missing if no one has answered
                 * @enum {string}
                 */
                answer?: "accepted" | "discarded";
                /** Format: date-time */
                answeredAt?: string;
                /** @description the name of the token, or local */
                answeredBy?: string;
            };
            /** @description for a replacement: some of the rows that it removed or would remove (dry run, held job), 20 at most; in a single job; missing if there are none */
            removedRows?: {
                [key: string]: string | null;
            }[];
            /** @description who undid it, when, and what happened to its rows; missing if no one did */
            undone?: {
                /** @description rows that the job had inserted and that are gone now */
                removed: number;
                /** @description rows that the job had updated or removed and that are again as they were */
                restored: number;
                /** @description restored rows that are not exactly as they were: triggers of the table have changed them */
                altered?: {
                    /** @description how many of the restored rows */
                    rows: number;
                    /** @description the columns in which some of them differ */
                    columns: string[];
                };
                /** @description rows that stay because others reference them */
                referenced: number;
                /** @description by which foreign keys */
                references: {
                    /** @description the foreign key */
                    constraint: string;
                    /** @description the table that it is of */
                    table: string;
                    /** @description rows of the job that it references */
                    rows: number;
                    /** @description the key of one of them: id = 17; empty if triggers have changed them during the undo */
                    example: string;
                }[];
                /** @description rows that stay because the table refuses to take them back */
                refused: number;
                /** @description for which reasons */
                refusals: {
                    /** @description SQLSTATE of the error: 23505 */
                    sqlstate: string;
                    /** @description the constraint or unique index, where PostgreSQL names one */
                    constraint: string | null;
                    /** @description what PostgreSQL says of one of them */
                    message: string;
                    /** @description rows that are refused for this reason */
                    rows: number;
                    /** @description the key of one of them: id = 17; empty if triggers have changed them during the undo */
                    example: string;
                }[];
                /** @description rows that stay because a trigger, a rule or row security of the table has kept them */
                kept: number;
                /** @description rows that stay because they were changed since; and rows that the job had removed, where another row has their key now */
                changed: number;
                /** @description rows that are not found as they were loaded: deleted since; or changed, where the table does not say which job a row is from */
                missing: number;
                /** @description the database role, where row security may hide rows of the table from it: the missing rows may be such rows */
                unseenBy?: string;
                /** Format: date-time */
                at: string;
                /** @description the name of the token, or local */
                by: string;
            };
            /** @description the object that it loads; missing for an uploaded file */
            origin?: {
                /** @description s3://bucket/key */
                address: string;
                /** @description the version of the object; no other is loaded */
                etag: string;
                size: number;
            };
            /**
             * Format: uuid
             * @description the job whose rejected records this job's file fixes; missing if there is none
             */
            parent?: string;
            /**
             * Format: uuid
             * @description the dry run whose file this job loads, with the same spec; missing if there is none
             */
            dryRunId?: string;
            /** @description the outcome of all records, if rejected ones were fixed and uploaded again; in a single job */
            chain?: {
                /** @description records in the file of this job */
                rows: number;
                /** @description loaded by this job */
                loaded: number;
                /** @description loaded by the jobs listed here */
                fixed: number;
                /** @description still rejected */
                left: number;
                /** @description rejected records that no file of fixed records contains */
                leftOut: number;
                /** @description the jobs with fixed records, in upload order */
                jobs: string[];
            };
            /** @description how values are read: the spec of the upload, in a single job; missing if there was none */
            spec?: {
                [key: string]: unknown;
            };
            /** @description encoding and dialect that the upload requested, in a single job; missing from older daemons */
            overrides?: {
                [key: string]: unknown;
            };
        };
        /** @description What happened to the rows of an undone job. */
        UndoResult: {
            /** @description rows that the job had inserted and that are gone now */
            removed: number;
            /** @description rows that the job had updated or removed and that are again as they were */
            restored: number;
            /** @description restored rows that are not exactly as they were: triggers of the table have changed them */
            altered?: {
                /** @description how many of the restored rows */
                rows: number;
                /** @description the columns in which some of them differ */
                columns: string[];
            };
            /** @description rows that stay because others reference them */
            referenced: number;
            /** @description by which foreign keys */
            references: {
                /** @description the foreign key */
                constraint: string;
                /** @description the table that it is of */
                table: string;
                /** @description rows of the job that it references */
                rows: number;
                /** @description the key of one of them: id = 17; empty if triggers have changed them during the undo */
                example: string;
            }[];
            /** @description rows that stay because the table refuses to take them back */
            refused: number;
            /** @description for which reasons */
            refusals: {
                /** @description SQLSTATE of the error: 23505 */
                sqlstate: string;
                /** @description the constraint or unique index, where PostgreSQL names one */
                constraint: string | null;
                /** @description what PostgreSQL says of one of them */
                message: string;
                /** @description rows that are refused for this reason */
                rows: number;
                /** @description the key of one of them: id = 17; empty if triggers have changed them during the undo */
                example: string;
            }[];
            /** @description rows that stay because a trigger, a rule or row security of the table has kept them */
            kept: number;
            /** @description rows that stay because they were changed since; and rows that the job had removed, where another row has their key now */
            changed: number;
            /** @description rows that are not found as they were loaded: deleted since; or changed, where the table does not say which job a row is from */
            missing: number;
            /** @description the database role, where row security may hide rows of the table from it: the missing rows may be such rows */
            unseenBy?: string;
            /** Format: uuid */
            jobId: string;
            /** @description true: all of this was done and rolled back */
            dryRun: boolean;
            /** @description rows that the job had inserted, without those that an earlier undo has removed */
            inserted: number;
            /** @description rows that the job had updated or removed, each counted once, without those that an earlier undo has restored */
            updated: number;
            /** @description jobs that have changed rows of it since, the latest first: undo them before it; missing where there are none */
            changedBy?: {
                /**
                 * Format: uuid
                 * @description the job, which can be undone first
                 */
                jobId: string;
                /** @description rows of which it has the latest change */
                rows: number;
            }[];
            /** @description jobs with fixed records of this one that have loaded rows: they are not undone with it */
            children: string[];
        };
        /** @description A file that is being uploaded. */
        ResumableUpload: {
            /** Format: uuid */
            id: string;
            filename: string;
            /** @description size of the whole file in bytes */
            length: number;
            /** @description number of bytes stored durably: the offset of the next PATCH */
            offset: number;
            /**
             * Format: date-time
             * @description when it will be removed, unless more of it arrives
             */
            expiresAt: string;
            /** @description the answer of an upload, once it is complete and has become a job */
            uploaded: {
                /** Format: uuid */
                jobId: string;
                /** @description the newest job with the same file and table; null if there is none; missing from older daemons. With once=true, if that job is completed, jobId is its ID */
                earlier?: {
                    /** Format: uuid */
                    jobId: string;
                    filename: string;
                    /** @enum {string} */
                    status: "pending" | "processing" | "held" | "completed" | "failed" | "cancelled" | "undone";
                    /** Format: date-time */
                    createdAt: string;
                    successCount: number;
                    failedCount: number;
                } | null;
                /** @description the table that the daemon found for the file: sales.orders, or customers; missing from older daemons, and if an upload in pieces is answered again */
                table?: string;
            } | null;
        };
        /** @description The data of an event of the stream. */
        Progress: {
            /** Format: uuid */
            jobId: string;
            processedRows: number;
            totalRows: number;
            successCount: number;
            failedCount: number;
            /** @enum {string} */
            status: "pending" | "processing" | "held" | "completed" | "failed" | "cancelled" | "undone";
            /** @description for a job that loads into a table other than customers */
            table?: string;
            /** @description for a job whose rows may be updated or skipped */
            counts?: {
                inserted: number;
                updated: number;
                /** @description already in the table as in the file; not written */
                unchanged: number;
                /** @description skipped because their key is in the table; neither good nor bad */
                skipped: number;
                /** @description for a replacement: rows that the table had and the file lacks */
                removed?: number;
            };
        };
        /** @description The data of an event named reading: how far the file of a pending job is read. */
        JobReading: {
            /** Format: uuid */
            jobId: string;
            /** @description bytes of the stored file, as compressed */
            readBytes: number;
            totalBytes: number;
            /** @description 1 at first; a file that is not UTF-8 is read again from the start */
            pass: number;
        };
        /** @description An event of the stream of all jobs. */
        BoardEvent: {
            /** @enum {string} */
            type: "job";
            job: {
                /** Format: uuid */
                id: string;
                /** @description the name the client gave; data, never a path */
                filename: string;
                /** @description the table that it loads into, in double quotes if its name needs them: sales.orders; missing from older daemons, which load into customers */
                table?: string;
                /** @enum {string} */
                status: "pending" | "processing" | "held" | "completed" | "failed" | "cancelled" | "undone";
                /** @description number of records in the file; known from the first processing event */
                totalRows: number;
                processedRows: number;
                successCount: number;
                failedCount: number;
                /** @description if rows may be updated or skipped: the outcome of those that were not rejected */
                counts?: {
                    inserted: number;
                    updated: number;
                    /** @description already in the table as in the file; not written */
                    unchanged: number;
                    /** @description skipped because their key is in the table; neither good nor bad */
                    skipped: number;
                    /** @description for a replacement: rows that the table had and the file lacks */
                    removed?: number;
                };
                /** @description for a pending job whose file is being read before the first row is loaded; otherwise missing */
                reading?: {
                    /** @description bytes of the stored file, as compressed */
                    readBytes: number;
                    totalBytes: number;
                    /** @description 1 at first; a file that is not UTF-8 is read again from the start */
                    pass: number;
                };
                /** @description how its rows are loaded; missing for the default */
                mode?: {
                    /**
                     * @description a row whose key is in the table is rejected (the default), skipped, or updated
                     * @enum {string}
                     */
                    onConflict?: "reject" | "skip" | "update";
                    /** @description the columns by which rows of the table are found */
                    key?: string[];
                    /**
                     * @description rows whose key is not in the table are rejected
                     * @enum {boolean}
                     */
                    updateOnly?: true;
                    /**
                     * @description all rows become visible at the end, in one transaction
                     * @enum {boolean}
                     */
                    atomic?: true;
                    /**
                     * @description the same load, but rolled back
                     * @enum {boolean}
                     */
                    dryRun?: true;
                    /**
                     * @description replace the content of the table with that of the file: other rows are removed, in the same transaction
                     * @enum {boolean}
                     */
                    replace?: true;
                    /** @description with replace: how many rows of the table may be removed: a number, or a percentage of its rows such as "10%" */
                    maxRemoved?: number | string;
                    /**
                     * @description the job stops before its commit until someone accepts or discards it; implies atomic
                     * @enum {boolean}
                     */
                    hold?: true;
                    /** @description how many rows may be rejected: a number, or a percentage such as "1%". With more, an atomic job loads nothing; other jobs leave the verdict to their clients */
                    maxErrors?: number | string;
                };
                /** Format: date-time */
                createdAt: string;
                /** Format: date-time */
                startedAt: string | null;
                /** Format: date-time */
                completedAt: string | null;
            };
        } | {
            /** Format: uuid */
            jobId: string;
            processedRows: number;
            totalRows: number;
            successCount: number;
            failedCount: number;
            /** @enum {string} */
            status: "pending" | "processing" | "held" | "completed" | "failed" | "cancelled" | "undone";
            /** @description for a job that loads into a table other than customers */
            table?: string;
            /** @description for a job whose rows may be updated or skipped */
            counts?: {
                inserted: number;
                updated: number;
                /** @description already in the table as in the file; not written */
                unchanged: number;
                /** @description skipped because their key is in the table; neither good nor bad */
                skipped: number;
                /** @description for a replacement: rows that the table had and the file lacks */
                removed?: number;
            };
            /** @description for a pending job whose file is being read */
            reading?: {
                /** @description bytes of the stored file, as compressed */
                readBytes: number;
                totalBytes: number;
                /** @description 1 at first; a file that is not UTF-8 is read again from the start */
                pass: number;
            };
            /** @enum {string} */
            type: "progress";
        } | {
            /** @enum {string} */
            type: "gone";
            /** Format: uuid */
            jobId: string;
        };
        /** @description A rejected record, and why. */
        Rejection: {
            /** @description 1 is the first record after the header */
            rowNumber: number;
            message: string;
            row: {
                [key: string]: string;
            };
            /** @description the physical line where the record starts; 1 is the first */
            line: number;
            /** @description the column of the first error, if any */
            column: string | null;
            /** @enum {string} */
            code: "already_in_customers" | "stray_quote" | "unclosed_quote" | "record_too_long" | "nul_character" | "invalid_encoding" | "wrong_number_of_fields" | "may_be_footer" | "required" | "blanks_around" | "not_an_integer" | "not_a_number" | "out_of_range" | "too_many_decimals" | "too_many_digits" | "would_be_rounded" | "too_long" | "too_few_items" | "too_many_items" | "too_short" | "not_a_boolean" | "not_a_date" | "not_a_time" | "not_a_timestamp" | "time_ignored" | "no_such_date" | "no_such_time" | "date_format_unknown" | "time_zone_missing" | "time_skipped" | "time_repeated" | "time_zone_ignored" | "not_a_uuid" | "not_bytes" | "not_in_list" | "not_in_number_format" | "email_invalid" | "not_in_format" | "too_small" | "not_above" | "too_large" | "not_below" | "not_comparable" | "pattern_mismatch" | "not_json" | "not_an_address" | "not_an_array" | "invalid_value" | "check_failed" | "foreign_key_missing" | "lookup_missing" | "lookup_ambiguous" | "duplicate_in_file" | "duplicate_in_table" | "not_in_table" | "partition_missing" | "refused" | "dropped_by_trigger";
            /** @description everything that is wrong with the record; missing for customers and for unreadable records */
            reasons?: {
                /** @description the first column that caused the error, if any */
                column: string | null;
                /** @enum {string} */
                code: "required" | "blanks_around" | "not_an_integer" | "not_a_number" | "out_of_range" | "too_many_decimals" | "too_many_digits" | "would_be_rounded" | "too_long" | "too_few_items" | "too_many_items" | "too_short" | "not_a_boolean" | "not_a_date" | "not_a_time" | "not_a_timestamp" | "time_ignored" | "no_such_date" | "no_such_time" | "date_format_unknown" | "time_zone_missing" | "time_skipped" | "time_repeated" | "time_zone_ignored" | "not_a_uuid" | "not_bytes" | "not_in_list" | "not_in_number_format" | "email_invalid" | "not_in_format" | "too_small" | "not_above" | "too_large" | "not_below" | "not_comparable" | "pattern_mismatch" | "not_json" | "not_an_address" | "not_an_array" | "invalid_value" | "check_failed" | "foreign_key_missing" | "lookup_missing" | "lookup_ambiguous" | "duplicate_in_file" | "duplicate_in_table" | "not_in_table" | "partition_missing" | "refused" | "dropped_by_trigger";
                message: string;
                /** @description the message without its value, as counted in the reasons of a job */
                heading: string;
                /** @description what to do about it, in one sentence; missing from older daemons */
                advice?: string;
                /** @description the value that caused the error */
                value?: string;
                /** @description the constraint that the record violates */
                constraint?: string;
                /** @description PostgreSQL's code, if it refused the record */
                sqlstate?: string;
            }[];
        };
        /** @description A table as PostgreSQL describes it, and the equivalent spec. */
        TableDescription: {
            table: {
                schema: string;
                name: string;
            };
            /** @enum {string} */
            kind: "table" | "partitioned table" | "view" | "foreign table";
            columns: {
                name: string;
                type: {
                    /** @description as PostgreSQL writes it, with its modifier: numeric(12,2) */
                    sql: string;
                    /** @description the same for the type under all domains */
                    base: string;
                    /**
                     * @description of the type under all domains
                     * @enum {string}
                     */
                    kind: "base" | "enum" | "array" | "composite" | "range" | "multirange" | "pseudo";
                    /** @description the type under all domains, from pg_type: numeric, int4, text */
                    name: string;
                    /** @description the type under all domains is built into PostgreSQL, not defined by a user or an extension */
                    system: boolean;
                    /** @description the extension that the type under all domains belongs to */
                    extension?: string;
                    /** @description its modifier in the form of pg_attribute.atttypmod; -1 for none */
                    typmod: number;
                    /** @description of an array: the type of its elements, from pg_type */
                    element: string | null;
                    /** @description of an enum: its labels in order */
                    labels: string[] | null;
                    /** @description requirements of the domains of the column; null for a column without a domain */
                    domain: {
                        notNull: boolean;
                        /** @description expressions, innermost domain first */
                        checks: string[];
                        /**
                         * @description a check refuses NULL; known only for columns without a default
                         * @enum {boolean}
                         */
                        refusesNull?: true;
                    } | null;
                    /** @description of a composite type, in order */
                    attributes?: components["schemas"]["PartType"][];
                    /** @description of an array of a domain, an enum, a composite type or a user-defined range: the type of its elements, under all domains */
                    item?: components["schemas"]["PartType"];
                    /** @description of a user-defined range or multirange: the type of its bounds, under all domains */
                    bound?: components["schemas"]["PartType"];
                    /**
                     * @description for a user-defined type with a timestamptz somewhere in its values: composite types, and their arrays and ranges
                     * @enum {boolean}
                     */
                    timesInside?: true;
                };
                notNull: boolean;
                /** @description the expression of its default; null if it has none */
                default: string | null;
                /** @enum {string|null} */
                identity: "always" | "by default" | null;
                /** @enum {string|null} */
                generated: "stored" | "virtual" | null;
                /** @description this role may insert into it, and it accepts a value: not if it is generated, or an identity with GENERATED ALWAYS */
                insertable: boolean;
                /** @description quoted; only if it differs from that of its type */
                collation: string | null;
                comment: string | null;
            }[];
            keys: {
                /** @description of its index */
                name: string;
                primary: boolean;
                parts: {
                    /** @description null for an expression */
                    column: string | null;
                    /** @description the column, quoted if necessary, or the expression; with its collation if it has one */
                    expression: string;
                    /** @description values are equal only if their bytes are (pg_collation.collisdeterministic) */
                    deterministic: boolean;
                }[];
                /** @description all columns that its parts and its predicate use */
                columns: string[];
                /** @description of a partial index: the columns that its parts use, without those of its predicate */
                partColumns?: string[];
                /** @description of a partial index */
                predicate: string | null;
                nullsNotDistinct: boolean;
                deferrable: boolean;
            }[];
            checks: {
                name: string;
                columns: string[];
                expression: string;
                /** @description false for NOT ENFORCED, which PostgreSQL does not check */
                enforced: boolean;
            }[];
            foreignKeys: {
                name: string;
                columns: string[];
                references: {
                    schema: string;
                    name: string;
                };
                referencedColumns: string[];
                /** @enum {string} */
                match: "simple" | "full" | "partial";
                enforced: boolean;
                deferrable: boolean;
                /**
                 * @description the last column is a PERIOD: the referenced rows together must cover it
                 * @enum {boolean}
                 */
                period?: true;
            }[];
            exclusions: {
                name: string;
                definition: string;
            }[];
            /** @description enabled triggers of the table and of all its partitions */
            triggers: {
                name: string;
                /** @enum {string} */
                timing: "before" | "after" | "instead of";
                /** @enum {string} */
                level: "row" | "statement";
                events: ("insert" | "update" | "delete" | "truncate")[];
            }[];
            /** @description rewrite rules by name: INSERT follows them, COPY does not */
            rules: string[];
            /** @description row security is active for this role */
            rowSecurity: boolean;
            partitionKey: string | null;
            /** @description rights that rules of the table need and this role lacks; left out if it lacks none */
            missingRights?: {
                /**
                 * @description what needs it; a default only if the file does not fill its column
                 * @enum {string}
                 */
                rule: "default" | "generated" | "check" | "index" | "partitioning" | "trigger";
                /** @description of the column, constraint, index, partitioned table or trigger */
                name: string;
                /** @enum {string} */
                right: "USAGE" | "EXECUTE";
                /** @description what the right is on, quoted for SQL: sequence "shop"."orders_id_seq" */
                object: string;
                /** @description the statement with which the owner of the object can grant it */
                grant: string;
            }[];
            /** @description columns that accept values, into which this role may not insert; left out if there are none, and by earlier versions */
            deniedColumns?: {
                names: string[];
                /** @description this role */
                role: string;
            };
            /** @description SHA-256 of all of the above except the privileges of this role */
            fingerprint: string;
            /** @description SHA-256 of the definitions of triggers, rules and policies, and of all functions that the table calls; a dry run is valid as long as it is the same */
            definitions?: string;
            /** @description number of rows according to PostgreSQL's statistics; null if there are none */
            rowEstimate: number | null;
            /** @description a Data Package resource; without changes, it has the same effect as no spec */
            spec: {
                [key: string]: unknown;
            };
        };
        /** @description A type within another one, under all domains */
        PartType: {
            /** @description from pg_type */
            name: string;
            /** @description of an enum: its labels in order */
            labels?: string[];
            system: boolean;
            typmod: number;
            /** @description of a composite type, in order */
            attributes?: components["schemas"]["PartType"][];
            /** @description of an array: the type of its elements */
            item?: components["schemas"]["PartType"];
            /** @description of a user-defined range or multirange */
            bound?: components["schemas"]["PartType"];
        };
        /** @description An endpoint that a daemon has in its configuration. */
        WebhookEndpoint: {
            /** @description the part after WEBHOOK_URL_, in lower case; default for WEBHOOK_URL itself */
            name: string;
            /** @description its URL without path and query, which may be secret */
            origin: string;
            events: string[];
            /** @description patterns of the tables whose events it gets; null for all */
            tables: string | null;
            /**
             * Format: date-time
             * @description it has answered 410: nothing more is sent to it until a daemon with it starts
             */
            disabledAt: string | null;
            /** @description whether a running daemon is configured with it; otherwise nothing is sent to it */
            configured: boolean;
            /** @description pending deliveries */
            pending: number;
            /** @description failed deliveries of events, without tests; they are kept for a week */
            failed: number;
        };
        /** @description One event on its way to one endpoint. */
        WebhookDelivery: {
            /** Format: uuid */
            id: string;
            /** @description the header webhook-id: the same for each attempt, and for all endpoints */
            webhookId: string;
            type: string;
            /** @description the name of the endpoint */
            endpoint: string;
            /**
             * Format: uuid
             * @description null for a test
             */
            jobId: string | null;
            /**
             * @description pending: not sent yet, or to be retried; failed: no more attempts
             * @enum {string}
             */
            status: "pending" | "delivered" | "failed";
            attempts: number;
            /** Format: date-time */
            createdAt: string;
            /** Format: date-time */
            lastAttemptAt: string | null;
            /**
             * Format: date-time
             * @description null if there is none
             */
            nextAttemptAt: string | null;
            /** @description status of the answer to the last attempt; null if there was none */
            httpStatus: number | null;
            /** @description why the last attempt failed */
            error: string | null;
        };
        Token: {
            /** Format: uuid */
            id: string;
            name: string;
            /** @enum {string} */
            scope: "read" | "write" | "admin";
            /** @description patterns of the tables that it is limited to; null for all of TARGET_TABLES; missing from older daemons */
            tables?: string[] | null;
            /** Format: date-time */
            createdAt: string;
            /**
             * Format: date-time
             * @description to the minute
             */
            lastUsedAt: string | null;
            /** Format: date-time */
            revokedAt: string | null;
        };
        Readiness: {
            ready: boolean;
            version: string;
            checks: {
                [key: string]: {
                    ok: boolean;
                    message: string;
                    /**
                     * @description the daemon accepts work nevertheless, but someone should look at it
                     * @enum {boolean}
                     */
                    warning?: true;
                };
            };
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    uploadFile: {
        parameters: {
            query?: {
                /** @description the encoding of the file; detected by default */
                encoding?: string;
                /** @description the field delimiter: one character or several, or a word: tab, comma, semicolon, pipe, space */
                delimiter?: string;
                /** @description the table: sales.orders, in double quotes if its name needs them; by default csvjobs.into of the spec, or else customers */
                into?: string;
                /** @description true: load a file (identified by its bytes) into a table only once. If a completed job has it, the answer is 200 with that ID; if a job with it is unfinished, or ended early with rows loaded, it is same_file. Simultaneous uploads become one job. Deleted jobs, and jobs that failed or were cancelled before their first row, do not count */
                once?: "true" | "false";
                /** @description instead of a file, the address of an object, s3://bucket/key, which the workers read in place: the body is then the spec, or empty. Only buckets in SOURCE_BUCKETS are allowed; the job loads the current version or nothing */
                source?: string;
                /** @description the job whose rejected records this file fixes: its table, spec and delimiter are the defaults, and the columns of its report are ignored */
                fixes?: string;
            };
            header?: {
                /** @description the same key with the same file returns the same job */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** @description how values are read: a Data Package resource as JSON or YAML, at most 256 KiB, as text or as a file */
                    spec?: string;
                    /** @description the file; in its name %22, %0D and %0A stand for ", CR and LF, as browsers send them */
                    file: Blob;
                };
            };
        };
        responses: {
            /** @description Nothing is loaded: once=true, and `earlier` is the completed job that has already loaded the file. */
            200: {
                headers: {
                    /** @description where it is */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jobId": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *       "earlier": {
                     *         "jobId": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *         "filename": "orders.csv",
                     *         "status": "completed",
                     *         "createdAt": "2026-11-26T08:00:00.000Z",
                     *         "successCount": 998,
                     *         "failedCount": 2
                     *       }
                     *     }
                     */
                    "application/json": {
                        /** Format: uuid */
                        jobId: string;
                        /** @description the newest job with the same file and table; null if there is none; missing from older daemons. With once=true, if that job is completed, jobId is its ID */
                        earlier?: {
                            /** Format: uuid */
                            jobId: string;
                            filename: string;
                            /** @enum {string} */
                            status: "pending" | "processing" | "held" | "completed" | "failed" | "cancelled" | "undone";
                            /** Format: date-time */
                            createdAt: string;
                            successCount: number;
                            failedCount: number;
                        } | null;
                        /** @description the table that the daemon found for the file: sales.orders, or customers; missing from older daemons, and if an upload in pieces is answered again */
                        table?: string;
                    };
                };
            };
            /** @description Accepted: the job is waiting. */
            202: {
                headers: {
                    /** @description where it is */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jobId": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *       "earlier": null,
                     *       "table": "sales.orders"
                     *     }
                     */
                    "application/json": {
                        /** Format: uuid */
                        jobId: string;
                        /** @description the newest job with the same file and table; null if there is none; missing from older daemons. With once=true, if that job is completed, jobId is its ID */
                        earlier?: {
                            /** Format: uuid */
                            jobId: string;
                            filename: string;
                            /** @enum {string} */
                            status: "pending" | "processing" | "held" | "completed" | "failed" | "cancelled" | "undone";
                            /** Format: date-time */
                            createdAt: string;
                            successCount: number;
                            failedCount: number;
                        } | null;
                        /** @description the table that the daemon found for the file: sales.orders, or customers; missing from older daemons, and if an upload in pieces is answered again */
                        table?: string;
                    };
                };
            };
            /** @description bad_request: The request is invalid; file_field_missing: The upload has no field named "file"; field_name_wrong: The file is in a field that is not named "file"; several_files: The upload has more than one file; upload_truncated: The upload was cut off; spec_invalid: The spec is invalid; table_name_invalid: The name of the table cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; table_not_allowed: Loading into this table is not allowed; source_not_allowed: The daemon may not load from this bucket; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_not_found: There is no such table; source_missing: There is no such object; job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time; upload_too_slow: The upload is too slow */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_ambiguous: Several tables have this name; idempotency_conflict: The Idempotency-Key was used for another file; same_file: The same file was uploaded before; source_changed: The object has changed since the upload; job_state_conflict: The state of the job does not allow this; nothing_to_fix: The job has no rejected records; too_many_held: Too many jobs are held */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description originals_not_kept: The records of the job were not kept as they are in the file */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_too_large: The file is larger than this daemon allows; decompressed_too_large: The file is too large once it is decompressed */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_multipart: The upload is not multipart/form-data; file_not_text: The file is not a CSV file */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_empty: The file is empty; encoding_unknown: The encoding of the file is not supported; encoding_conflict: The file is not in the requested encoding; encoding_undetermined: The encoding of the file cannot be determined; strict: Reading the file would need an assumption; gzip_damaged: The compressed file is damaged; file_invalid: The file cannot be read; header_invalid: The header does not have the columns that are needed; spec_mismatch: The file, the spec and the table do not fit together; key_unusable: The table has no such key for finding its rows; table_no_rights: The daemon lacks a right in the database that the load needs; table_takes_no_rows: The table takes no rows */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; too_many_uploads: Too many uploads at a time; queue_full: Too many jobs are waiting */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description disk_full: There is no room on the disk for the upload */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    previewFile: {
        parameters: {
            query?: {
                /** @description the encoding of the file; detected by default */
                encoding?: string;
                /** @description the field delimiter: one character or several, or a word: tab, comma, semicolon, pipe, space */
                delimiter?: string;
                /** @description the table: sales.orders, in double quotes if its name needs them; by default csvjobs.into of the spec, or else customers */
                into?: string;
                /** @description number of records; default 20 */
                rows?: number;
                /** @description true: only the beginning of the file is sent; its last record may be incomplete */
                cut?: "true" | "false";
                /** @description with cut=true: size of the whole file in bytes */
                size?: number | null;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "multipart/form-data": {
                    /** @description how values are read: a Data Package resource as JSON or YAML, at most 256 KiB, as text or as a file */
                    spec?: string;
                    /** @description the file, or its beginning: at most 1048576 bytes */
                    file: Blob;
                };
            };
        };
        responses: {
            /** @description The records. Nothing is kept, except sequence numbers that were used, and effects of triggers outside of the transaction. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "table": "sales.orders",
                     *       "columns": [
                     *         {
                     *           "name": "id",
                     *           "type": "integer"
                     *         },
                     *         {
                     *           "name": "product",
                     *           "type": "text"
                     *         },
                     *         {
                     *           "name": "quantity",
                     *           "type": "integer"
                     *         }
                     *       ],
                     *       "records": [
                     *         {
                     *           "rowNumber": 1,
                     *           "line": 2,
                     *           "fate": "inserted",
                     *           "stored": true,
                     *           "values": {
                     *             "id": "1001",
                     *             "product": "Cup",
                     *             "quantity": "2"
                     *           },
                     *           "generated": [],
                     *           "before": null,
                     *           "error": null
                     *         }
                     *       ],
                     *       "counts": {
                     *         "inserted": 1,
                     *         "updated": 0,
                     *         "unchanged": 0,
                     *         "skipped": 0,
                     *         "rejected": 0
                     *       },
                     *       "more": true,
                     *       "beginning": false,
                     *       "source": {
                     *         "encoding": "utf-8",
                     *         "delimiter": ",",
                     *         "compression": "none"
                     *       },
                     *       "notices": []
                     *     }
                     */
                    "application/json": components["schemas"]["Preview"];
                };
            };
            /** @description bad_request: The request is invalid; file_field_missing: The upload has no field named "file"; field_name_wrong: The file is in a field that is not named "file"; several_files: The upload has more than one file; upload_truncated: The upload was cut off; spec_invalid: The spec is invalid; table_name_invalid: The name of the table cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; table_not_allowed: Loading into this table is not allowed; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_not_found: There is no such table */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time; upload_too_slow: The upload is too slow */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_ambiguous: Several tables have this name; target_changed: The table has changed; rows_locked: Rows of the table are locked by another session */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_too_large: The file is larger than this daemon allows; decompressed_too_large: The file is too large once it is decompressed */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_multipart: The upload is not multipart/form-data; file_not_text: The file is not a CSV file */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_empty: The file is empty; encoding_unknown: The encoding of the file is not supported; encoding_conflict: The file is not in the requested encoding; encoding_undetermined: The encoding of the file cannot be determined; strict: Reading the file would need an assumption; gzip_damaged: The compressed file is damaged; file_invalid: The file cannot be read; header_invalid: The header does not have the columns that are needed; spec_mismatch: The file, the spec and the table do not fit together; key_unusable: The table has no such key for finding its rows; table_no_rights: The daemon lacks a right in the database that the load needs; table_takes_no_rows: The table takes no rows */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; too_many_uploads: Too many uploads at a time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description disk_full: There is no room on the disk for the upload */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    findEarlierJob: {
        parameters: {
            query: {
                /** @description SHA-256 of the file as it would be sent: 64 hexadecimal digits */
                sha256: string;
                /** @description the table, as in an upload; default customers */
                into?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description That job, or null. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "earlier": {
                     *         "jobId": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *         "filename": "orders.csv",
                     *         "status": "completed",
                     *         "createdAt": "2026-11-26T08:00:00.000Z",
                     *         "successCount": 998,
                     *         "failedCount": 2
                     *       }
                     *     }
                     */
                    "application/json": {
                        earlier: {
                            /** Format: uuid */
                            jobId: string;
                            filename: string;
                            /** @enum {string} */
                            status: "pending" | "processing" | "held" | "completed" | "failed" | "cancelled" | "undone";
                            /** Format: date-time */
                            createdAt: string;
                            successCount: number;
                            failedCount: number;
                        } | null;
                    };
                };
            };
            /** @description bad_request: The request is invalid; table_name_invalid: The name of the table cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; table_not_allowed: Loading into this table is not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_not_found: There is no such table */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_ambiguous: Several tables have this name */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_no_rights: The daemon lacks a right in the database that the load needs; table_takes_no_rows: The table takes no rows */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listJobs: {
        parameters: {
            query?: {
                /** @description only these, separated by commas: pending, processing, held, completed, failed, cancelled, undone */
                status?: string;
                /** @description only jobs into this table: sales.orders, or customers */
                table?: string;
                /** @description jobs per page */
                limit?: number;
                /** @description true: only the fields of a list */
                summary?: "true" | "false";
                /** @description start of the page, from the Link header of the previous one */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page of jobs, or of summaries if requested. `errors` is empty in a list: GET /api/jobs/{id} has the first 100. A page has at most 2 MiB, so it may have fewer jobs than `limit`: the header Link says whether more follow. */
            200: {
                headers: {
                    /** @description RFC 8288: the next page, as rel="next" */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "id": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *         "filename": "orders.csv",
                     *         "table": "sales.orders",
                     *         "status": "completed",
                     *         "totalRows": 1000,
                     *         "processedRows": 1000,
                     *         "successCount": 998,
                     *         "failedCount": 2,
                     *         "createdAt": "2026-11-26T08:00:00.000Z",
                     *         "startedAt": "2026-11-26T08:00:00.120Z",
                     *         "completedAt": "2026-11-26T08:00:00.480Z"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["Job"][] | components["schemas"]["JobSummary"][];
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job. */
            200: {
                headers: {
                    /** @description once the job has ended: send it as If-None-Match */
                    ETag?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *       "filename": "orders.csv",
                     *       "table": "sales.orders",
                     *       "status": "completed",
                     *       "totalRows": 1000,
                     *       "processedRows": 1000,
                     *       "successCount": 998,
                     *       "failedCount": 2,
                     *       "createdAt": "2026-11-26T08:00:00.000Z",
                     *       "startedAt": "2026-11-26T08:00:00.120Z",
                     *       "completedAt": "2026-11-26T08:00:00.480Z",
                     *       "errors": [
                     *         {
                     *           "rowNumber": 3,
                     *           "message": "quantity: \"one\" is not an integer",
                     *           "row": {
                     *             "id": "1003",
                     *             "product": "Teapot",
                     *             "quantity": "one"
                     *           }
                     *         }
                     *       ],
                     *       "reasons": [
                     *         {
                     *           "message": "quantity is not an integer",
                     *           "rows": 2
                     *         }
                     *       ],
                     *       "sizeBytes": 48210,
                     *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "attempt": 1,
                     *       "source": {
                     *         "encoding": "utf-8",
                     *         "delimiter": ",",
                     *         "compression": "none",
                     *         "fields": 3,
                     *         "lineEnd": "lf"
                     *       },
                     *       "notices": [],
                     *       "timings": {
                     *         "queuedMs": 20,
                     *         "readingMs": 40,
                     *         "loadingMs": 300
                     *       },
                     *       "failure": null
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description Not modified (If-None-Match). */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    deleteJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Deleted. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_state_conflict: The state of the job does not allow this */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    cancelJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The current state of the job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *       "filename": "orders.csv",
                     *       "table": "sales.orders",
                     *       "status": "cancelled",
                     *       "totalRows": 1000,
                     *       "processedRows": 400,
                     *       "successCount": 398,
                     *       "failedCount": 2,
                     *       "createdAt": "2026-11-26T08:00:00.000Z",
                     *       "startedAt": "2026-11-26T08:00:00.120Z",
                     *       "completedAt": "2026-11-26T08:00:00.480Z",
                     *       "errors": [
                     *         {
                     *           "rowNumber": 3,
                     *           "message": "quantity: \"one\" is not an integer",
                     *           "row": {
                     *             "id": "1003",
                     *             "product": "Teapot",
                     *             "quantity": "one"
                     *           }
                     *         }
                     *       ],
                     *       "reasons": [
                     *         {
                     *           "message": "quantity is not an integer",
                     *           "rows": 2
                     *         }
                     *       ],
                     *       "sizeBytes": 48210,
                     *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "attempt": 1,
                     *       "source": {
                     *         "encoding": "utf-8",
                     *         "delimiter": ",",
                     *         "compression": "none",
                     *         "fields": 3,
                     *         "lineEnd": "lf"
                     *       },
                     *       "notices": [],
                     *       "timings": {
                     *         "queuedMs": 20,
                     *         "readingMs": 40,
                     *         "loadingMs": 300
                     *       },
                     *       "failure": null
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_state_conflict: The state of the job does not allow this */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    retryJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The current state of the job. */
            202: {
                headers: {
                    /** @description where it is */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *       "filename": "orders.csv",
                     *       "table": "sales.orders",
                     *       "status": "pending",
                     *       "totalRows": 1000,
                     *       "processedRows": 400,
                     *       "successCount": 398,
                     *       "failedCount": 2,
                     *       "createdAt": "2026-11-26T08:00:00.000Z",
                     *       "startedAt": "2026-11-26T08:00:00.120Z",
                     *       "completedAt": null,
                     *       "errors": [
                     *         {
                     *           "rowNumber": 3,
                     *           "message": "quantity: \"one\" is not an integer",
                     *           "row": {
                     *             "id": "1003",
                     *             "product": "Teapot",
                     *             "quantity": "one"
                     *           }
                     *         }
                     *       ],
                     *       "reasons": [
                     *         {
                     *           "message": "quantity is not an integer",
                     *           "rows": 2
                     *         }
                     *       ],
                     *       "sizeBytes": 48210,
                     *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "attempt": 1,
                     *       "source": {
                     *         "encoding": "utf-8",
                     *         "delimiter": ",",
                     *         "compression": "none",
                     *         "fields": 3,
                     *         "lineEnd": "lf"
                     *       },
                     *       "notices": [],
                     *       "timings": {
                     *         "queuedMs": 20,
                     *         "readingMs": 40,
                     *         "loadingMs": 300
                     *       },
                     *       "failure": null
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; source_not_allowed: The daemon may not load from this bucket; table_not_allowed: Loading into this table is not allowed; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job; source_missing: There is no such object */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_state_conflict: The state of the job does not allow this; source_changed: The object has changed since the upload; too_many_held: Too many jobs are held */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_gone: The file of the job is no longer kept */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; queue_full: Too many jobs are waiting */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    loadDryRun: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The job that loads it. */
            202: {
                headers: {
                    /** @description where it is */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "jobId": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *       "earlier": null,
                     *       "table": "sales.orders"
                     *     }
                     */
                    "application/json": {
                        /** Format: uuid */
                        jobId: string;
                        /** @description the newest job with the same file and table; null if there is none; missing from older daemons. With once=true, if that job is completed, jobId is its ID */
                        earlier?: {
                            /** Format: uuid */
                            jobId: string;
                            filename: string;
                            /** @enum {string} */
                            status: "pending" | "processing" | "held" | "completed" | "failed" | "cancelled" | "undone";
                            /** Format: date-time */
                            createdAt: string;
                            successCount: number;
                            failedCount: number;
                        } | null;
                        /** @description the table that the daemon found for the file: sales.orders, or customers; missing from older daemons, and if an upload in pieces is answered again */
                        table?: string;
                    };
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; source_not_allowed: The daemon may not load from this bucket; table_not_allowed: Loading into this table is not allowed; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job; source_missing: There is no such object; table_not_found: There is no such table */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_state_conflict: The state of the job does not allow this; source_changed: The object has changed since the upload; target_changed: The table has changed */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_gone: The file of the job is no longer kept */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_no_rights: The daemon lacks a right in the database that the load needs; table_takes_no_rows: The table takes no rows */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; queue_full: Too many jobs are waiting */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description disk_full: There is no room on the disk for the upload */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    acceptJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The completed job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *       "filename": "orders.csv",
                     *       "table": "sales.orders",
                     *       "status": "completed",
                     *       "totalRows": 1000,
                     *       "processedRows": 1000,
                     *       "successCount": 998,
                     *       "failedCount": 2,
                     *       "createdAt": "2026-11-26T08:00:00.000Z",
                     *       "startedAt": "2026-11-26T08:00:00.120Z",
                     *       "completedAt": "2026-11-26T08:00:00.480Z",
                     *       "errors": [
                     *         {
                     *           "rowNumber": 3,
                     *           "message": "quantity: \"one\" is not an integer",
                     *           "row": {
                     *             "id": "1003",
                     *             "product": "Teapot",
                     *             "quantity": "one"
                     *           }
                     *         }
                     *       ],
                     *       "reasons": [
                     *         {
                     *           "message": "quantity is not an integer",
                     *           "rows": 2
                     *         }
                     *       ],
                     *       "sizeBytes": 48210,
                     *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "attempt": 1,
                     *       "source": {
                     *         "encoding": "utf-8",
                     *         "delimiter": ",",
                     *         "compression": "none",
                     *         "fields": 3,
                     *         "lineEnd": "lf"
                     *       },
                     *       "notices": [],
                     *       "timings": {
                     *         "queuedMs": 20,
                     *         "readingMs": 40,
                     *         "loadingMs": 300
                     *       },
                     *       "failure": null
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description The job: it is accepted, but its commit takes longer. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *       "filename": "orders.csv",
                     *       "table": "sales.orders",
                     *       "status": "held",
                     *       "totalRows": 1000,
                     *       "processedRows": 1000,
                     *       "successCount": 998,
                     *       "failedCount": 2,
                     *       "createdAt": "2026-11-26T08:00:00.000Z",
                     *       "startedAt": "2026-11-26T08:00:00.120Z",
                     *       "completedAt": null,
                     *       "errors": [
                     *         {
                     *           "rowNumber": 3,
                     *           "message": "quantity: \"one\" is not an integer",
                     *           "row": {
                     *             "id": "1003",
                     *             "product": "Teapot",
                     *             "quantity": "one"
                     *           }
                     *         }
                     *       ],
                     *       "reasons": [
                     *         {
                     *           "message": "quantity is not an integer",
                     *           "rows": 2
                     *         }
                     *       ],
                     *       "sizeBytes": 48210,
                     *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "attempt": 1,
                     *       "source": {
                     *         "encoding": "utf-8",
                     *         "delimiter": ",",
                     *         "compression": "none",
                     *         "fields": 3,
                     *         "lineEnd": "lf"
                     *       },
                     *       "notices": [],
                     *       "timings": {
                     *         "queuedMs": 20,
                     *         "readingMs": 40,
                     *         "loadingMs": 300
                     *       },
                     *       "failure": null
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; table_not_allowed: Loading into this table is not allowed; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_state_conflict: The state of the job does not allow this */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    discardJob: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The current state of the job. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *       "filename": "orders.csv",
                     *       "table": "sales.orders",
                     *       "status": "cancelled",
                     *       "totalRows": 1000,
                     *       "processedRows": 400,
                     *       "successCount": 398,
                     *       "failedCount": 2,
                     *       "createdAt": "2026-11-26T08:00:00.000Z",
                     *       "startedAt": "2026-11-26T08:00:00.120Z",
                     *       "completedAt": "2026-11-26T08:00:00.480Z",
                     *       "errors": [
                     *         {
                     *           "rowNumber": 3,
                     *           "message": "quantity: \"one\" is not an integer",
                     *           "row": {
                     *             "id": "1003",
                     *             "product": "Teapot",
                     *             "quantity": "one"
                     *           }
                     *         }
                     *       ],
                     *       "reasons": [
                     *         {
                     *           "message": "quantity is not an integer",
                     *           "rows": 2
                     *         }
                     *       ],
                     *       "sizeBytes": 48210,
                     *       "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "attempt": 1,
                     *       "source": {
                     *         "encoding": "utf-8",
                     *         "delimiter": ",",
                     *         "compression": "none",
                     *         "fields": 3,
                     *         "lineEnd": "lf"
                     *       },
                     *       "notices": [],
                     *       "timings": {
                     *         "queuedMs": 20,
                     *         "readingMs": 40,
                     *         "loadingMs": 300
                     *       },
                     *       "failure": null
                     *     }
                     */
                    "application/json": components["schemas"]["Job"];
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; table_not_allowed: Loading into this table is not allowed; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_state_conflict: The state of the job does not allow this */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    undoJob: {
        parameters: {
            query?: {
                /** @description true: perform the undo and roll it back, for its counts */
                dryRun?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description What happened to the rows, or would happen. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "removed": 996,
                     *       "restored": 0,
                     *       "referenced": 1,
                     *       "references": [
                     *         {
                     *           "constraint": "lines_order_fkey",
                     *           "table": "sales.lines",
                     *           "rows": 1,
                     *           "example": "id = 1001"
                     *         }
                     *       ],
                     *       "refused": 1,
                     *       "refusals": [
                     *         {
                     *           "sqlstate": "P0001",
                     *           "constraint": null,
                     *           "message": "the books of May are closed",
                     *           "rows": 1,
                     *           "example": "id = 1002"
                     *         }
                     *       ],
                     *       "kept": 0,
                     *       "changed": 0,
                     *       "missing": 0,
                     *       "jobId": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *       "dryRun": false,
                     *       "inserted": 998,
                     *       "updated": 0,
                     *       "children": []
                     *     }
                     */
                    "application/json": components["schemas"]["UndoResult"];
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; table_not_allowed: Loading into this table is not allowed; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_state_conflict: The state of the job does not allow this; nothing_to_undo: The job has loaded no rows; undo_impossible: The rows of the job can no longer be identified; undo_refused: PostgreSQL refuses to undo the job */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description undo_not_kept: The data needed to undo the job is no longer kept */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createResumableUpload: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
                /** @description sha1, sha256 or md5, a space, and the hash of the body in base64; limits the body to 8 MiB */
                "Upload-Checksum"?: string;
                /** @description size of the whole file in bytes */
                "Upload-Length": string;
                /** @description pairs of a key and its value in base64, separated by commas: filename, spec, and encoding, delimiter, into, once and fixes as in the query of uploadFile */
                "Upload-Metadata"?: string;
                /** @description the same key with the same file returns the same job */
                "Idempotency-Key"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                /**
                 * @example id,product,quantity
                 *     1001,Cup,2
                 */
                "application/offset+octet-stream": Blob;
            };
        };
        responses: {
            /** @description Started. */
            201: {
                headers: {
                    /** @description the upload */
                    Location: string;
                    /** @description 1.0.0 */
                    "Tus-Resumable": string;
                    /** @description number of bytes stored durably */
                    "Upload-Offset"?: string;
                    /** @description when it will be removed, unless more of it arrives */
                    "Upload-Expires"?: string;
                    /** @description the job, once the upload is complete */
                    "csvjobs-job"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description bad_request: The request is invalid; upload_truncated: The upload was cut off; spec_invalid: The spec is invalid; table_name_invalid: The name of the table cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; table_not_allowed: Loading into this table is not allowed; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_not_found: There is no such table; job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time; upload_too_slow: The upload is too slow */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_ambiguous: Several tables have this name; idempotency_conflict: The Idempotency-Key was used for another file; same_file: The same file was uploaded before; job_state_conflict: The state of the job does not allow this; nothing_to_fix: The job has no rejected records; too_many_held: Too many jobs are held */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description originals_not_kept: The records of the job were not kept as they are in the file */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description tus_version_unsupported: The request does not use tus 1.0.0 */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_too_large: The file is larger than this daemon allows; decompressed_too_large: The file is too large once it is decompressed */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_not_text: The file is not a CSV file */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_empty: The file is empty; encoding_unknown: The encoding of the file is not supported; encoding_conflict: The file is not in the requested encoding; encoding_undetermined: The encoding of the file cannot be determined; strict: Reading the file would need an assumption; gzip_damaged: The compressed file is damaged; file_invalid: The file cannot be read; header_invalid: The header does not have the columns that are needed; spec_mismatch: The file, the spec and the table do not fit together; key_unusable: The table has no such key for finding its rows; table_no_rights: The daemon lacks a right in the database that the load needs; table_takes_no_rows: The table takes no rows */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; too_many_uploads: Too many uploads at a time; queue_full: Too many jobs are waiting */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description checksum_mismatch: The bytes do not match their checksum */
            460: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description disk_full: There is no room on the disk for the upload */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    describeResumableUploads: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description See the headers. */
            204: {
                headers: {
                    /** @description 1.0.0 */
                    "Tus-Resumable": string;
                    "Tus-Version": string;
                    "Tus-Extension": string;
                    /** @description MAX_UPLOAD_BYTES */
                    "Tus-Max-Size": string;
                    "Tus-Checksum-Algorithm": string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getResumableUpload: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description an upload's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The upload. */
            200: {
                headers: {
                    /** @description 1.0.0 */
                    "Tus-Resumable": string;
                    /** @description the job, once the upload is complete */
                    "csvjobs-job"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *       "filename": "orders.csv",
                     *       "length": 48210,
                     *       "offset": 16384,
                     *       "expiresAt": "2026-11-27T08:00:00.000Z",
                     *       "uploaded": null
                     *     }
                     */
                    "application/json": components["schemas"]["ResumableUpload"];
                };
            };
            /** @description bad_request: The request is invalid; upload_truncated: The upload was cut off; spec_invalid: The spec is invalid; table_name_invalid: The name of the table cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; table_not_allowed: Loading into this table is not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description upload_not_found: There is no such upload; table_not_found: There is no such table; job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time; upload_too_slow: The upload is too slow */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_ambiguous: Several tables have this name; idempotency_conflict: The Idempotency-Key was used for another file; same_file: The same file was uploaded before; job_state_conflict: The state of the job does not allow this; nothing_to_fix: The job has no rejected records */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description originals_not_kept: The records of the job were not kept as they are in the file */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_too_large: The file is larger than this daemon allows; decompressed_too_large: The file is too large once it is decompressed */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_not_text: The file is not a CSV file */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_empty: The file is empty; encoding_unknown: The encoding of the file is not supported; encoding_conflict: The file is not in the requested encoding; encoding_undetermined: The encoding of the file cannot be determined; strict: Reading the file would need an assumption; gzip_damaged: The compressed file is damaged; file_invalid: The file cannot be read; header_invalid: The header does not have the columns that are needed; spec_mismatch: The file, the spec and the table do not fit together; key_unusable: The table has no such key for finding its rows; table_no_rights: The daemon lacks a right in the database that the load needs; table_takes_no_rows: The table takes no rows */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description upload_locked: The upload is in use by another request */
            423: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; too_many_uploads: Too many uploads at a time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description disk_full: There is no room on the disk for the upload */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    endResumableUpload: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
            };
            path: {
                /** @description an upload's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Removed. */
            204: {
                headers: {
                    /** @description 1.0.0 */
                    "Tus-Resumable": string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description upload_not_found: There is no such upload */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_state_conflict: The state of the job does not allow this */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description tus_version_unsupported: The request does not use tus 1.0.0 */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description upload_locked: The upload is in use by another request */
            423: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    findResumableOffset: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
            };
            path: {
                /** @description an upload's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description See the headers. */
            200: {
                headers: {
                    /** @description 1.0.0 */
                    "Tus-Resumable": string;
                    /** @description number of bytes stored durably */
                    "Upload-Offset": string;
                    /** @description the job, once the upload is complete */
                    "csvjobs-job"?: string;
                    "Upload-Length": string;
                    "Upload-Metadata"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description bad_request: The request is invalid; upload_truncated: The upload was cut off; spec_invalid: The spec is invalid; table_name_invalid: The name of the table cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; table_not_allowed: Loading into this table is not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description upload_not_found: There is no such upload; table_not_found: There is no such table; job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time; upload_too_slow: The upload is too slow */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_ambiguous: Several tables have this name; idempotency_conflict: The Idempotency-Key was used for another file; same_file: The same file was uploaded before; job_state_conflict: The state of the job does not allow this; nothing_to_fix: The job has no rejected records */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description originals_not_kept: The records of the job were not kept as they are in the file */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description tus_version_unsupported: The request does not use tus 1.0.0 */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_too_large: The file is larger than this daemon allows; decompressed_too_large: The file is too large once it is decompressed */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_not_text: The file is not a CSV file */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_empty: The file is empty; encoding_unknown: The encoding of the file is not supported; encoding_conflict: The file is not in the requested encoding; encoding_undetermined: The encoding of the file cannot be determined; strict: Reading the file would need an assumption; gzip_damaged: The compressed file is damaged; file_invalid: The file cannot be read; header_invalid: The header does not have the columns that are needed; spec_mismatch: The file, the spec and the table do not fit together; key_unusable: The table has no such key for finding its rows; table_no_rights: The daemon lacks a right in the database that the load needs; table_takes_no_rows: The table takes no rows */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description upload_locked: The upload is in use by another request */
            423: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; too_many_uploads: Too many uploads at a time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description disk_full: There is no room on the disk for the upload */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    continueResumableUpload: {
        parameters: {
            query?: never;
            header: {
                /** @description 1.0.0 */
                "Tus-Resumable": string;
                /** @description sha1, sha256 or md5, a space, and the hash of the body in base64; limits the body to 8 MiB */
                "Upload-Checksum"?: string;
                /** @description the current end of the upload */
                "Upload-Offset": string;
            };
            path: {
                /** @description an upload's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example 1002,Saucer,6
                 *     1003,Teapot,1
                 */
                "application/offset+octet-stream": Blob;
            };
        };
        responses: {
            /** @description Stored durably. */
            204: {
                headers: {
                    /** @description 1.0.0 */
                    "Tus-Resumable": string;
                    /** @description number of bytes stored durably */
                    "Upload-Offset": string;
                    /** @description when it will be removed, unless more of it arrives */
                    "Upload-Expires"?: string;
                    /** @description the job, once the upload is complete */
                    "csvjobs-job"?: string;
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description bad_request: The request is invalid; upload_truncated: The upload was cut off; spec_invalid: The spec is invalid; table_name_invalid: The name of the table cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; table_not_allowed: Loading into this table is not allowed; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description upload_not_found: There is no such upload; table_not_found: There is no such table; job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time; upload_too_slow: The upload is too slow */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_ambiguous: Several tables have this name; idempotency_conflict: The Idempotency-Key was used for another file; same_file: The same file was uploaded before; job_state_conflict: The state of the job does not allow this; nothing_to_fix: The job has no rejected records; too_many_held: Too many jobs are held; upload_offset_conflict: The upload continues at another offset */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description originals_not_kept: The records of the job were not kept as they are in the file */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description tus_version_unsupported: The request does not use tus 1.0.0 */
            412: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_too_large: The file is larger than this daemon allows; decompressed_too_large: The file is too large once it is decompressed */
            413: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_not_text: The file is not a CSV file */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description file_empty: The file is empty; encoding_unknown: The encoding of the file is not supported; encoding_conflict: The file is not in the requested encoding; encoding_undetermined: The encoding of the file cannot be determined; strict: Reading the file would need an assumption; gzip_damaged: The compressed file is damaged; file_invalid: The file cannot be read; header_invalid: The header does not have the columns that are needed; spec_mismatch: The file, the spec and the table do not fit together; key_unusable: The table has no such key for finding its rows; table_no_rights: The daemon lacks a right in the database that the load needs; table_takes_no_rows: The table takes no rows */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description upload_locked: The upload is in use by another request */
            423: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; too_many_uploads: Too many uploads at a time */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description checksum_mismatch: The bytes do not match their checksum */
            460: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description disk_full: There is no room on the disk for the upload */
            507: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watchJob: {
        parameters: {
            query?: never;
            header?: {
                /** @description the id of the last event that arrived; an EventSource sends it when it reconnects */
                "Last-Event-ID"?: string;
            };
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events; the data of each is a Progress. Before the first row of a large file is loaded, events named reading come between them, without an id; the data of each is a JobReading. The stream ends when the token is revoked. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["Progress"] | components["schemas"]["JobReading"];
                };
            };
            /** @description The job has ended, and Last-Event-ID is the id of its final event: nothing follows. An EventSource stops here. After a retry of the job the answer is a stream again. */
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable; too_many_streams: Too many open streams */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    watchJobs: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Events; the data of each is a BoardEvent, whose type is also the name of the event. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "text/event-stream": components["schemas"]["BoardEvent"];
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable; too_many_streams: Too many open streams */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    downloadErrorsCsv: {
        parameters: {
            query?: {
                /** @description for spreadsheets: adds a byte order mark, and turns cells that would run as formulas into text */
                safe?: "spreadsheet";
                /** @description only rows after this one, CSV without its header: resumes an interrupted download */
                after?: number;
            };
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report; compressed where Accept-Encoding has gzip. A report that cannot be sent whole (its job or its token is gone meanwhile) ends with a broken connection, never with a regular end. */
            200: {
                headers: {
                    /** @description once the job has ended: send it as If-None-Match */
                    ETag?: string;
                    /** @description a name for it (RFC 6266) */
                    "Content-Disposition": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example rowNumber,id,product,quantity,error
                     *     3,1003,Teapot,one,"line 4: quantity: ""one"" is not an integer"
                     */
                    "text/csv": string;
                };
            };
            /** @description Not modified (If-None-Match). */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; too_many_reports: Too many reports are being sent */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    downloadErrorsOriginal: {
        parameters: {
            query?: {
                /** @description for spreadsheets: adds a byte order mark, and turns cells that would run as formulas into text */
                safe?: "spreadsheet";
                /** @description only rows after this one, CSV without its header: resumes an interrupted download */
                after?: number;
            };
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report; compressed where Accept-Encoding has gzip. A report that cannot be sent whole (its job or its token is gone meanwhile) ends with a broken connection, never with a regular end. */
            200: {
                headers: {
                    /** @description once the job has ended: send it as If-None-Match */
                    ETag?: string;
                    /** @description a name for it (RFC 6266) */
                    "Content-Disposition": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id,product,quantity,_line,_error
                     *     1003,Teapot,one,4,"quantity: ""one"" is not an integer"
                     */
                    "text/plain": string;
                };
            };
            /** @description Not modified (If-None-Match). */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description nothing_to_fix: The job has no rejected records */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description originals_not_kept: The records of the job were not kept as they are in the file */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; too_many_reports: Too many reports are being sent */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    downloadErrorsJson: {
        parameters: {
            query?: {
                /** @description only rows after this one, CSV without its header: resumes an interrupted download */
                after?: number;
            };
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report; compressed where Accept-Encoding has gzip. A report that cannot be sent whole (its job or its token is gone meanwhile) ends with a broken connection, never with a regular end. */
            200: {
                headers: {
                    /** @description once the job has ended: send it as If-None-Match */
                    ETag?: string;
                    /** @description a name for it (RFC 6266) */
                    "Content-Disposition": string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "rowNumber": 3,
                     *         "message": "quantity: \"one\" is not an integer",
                     *         "row": {
                     *           "id": "1003",
                     *           "product": "Teapot",
                     *           "quantity": "one"
                     *         },
                     *         "line": 4,
                     *         "column": "quantity",
                     *         "code": "not_an_integer"
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["Rejection"][];
                };
            };
            /** @description Not modified (If-None-Match). */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; too_many_reports: Too many reports are being sent */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    downloadErrorsNdjson: {
        parameters: {
            query?: {
                /** @description only rows after this one, CSV without its header: resumes an interrupted download */
                after?: number;
            };
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The report; compressed where Accept-Encoding has gzip. A report that cannot be sent whole (its job or its token is gone meanwhile) ends with a broken connection, never with a regular end. */
            200: {
                headers: {
                    /** @description once the job has ended: send it as If-None-Match */
                    ETag?: string;
                    /** @description a name for it (RFC 6266) */
                    "Content-Disposition": string;
                    [name: string]: unknown;
                };
                content: {
                    /** @example {"rowNumber":3,"message":"quantity: \"one\" is not an integer","row":{"id":"1003","product":"Teapot","quantity":"one"},"line":4,"column":"quantity","code":"not_an_integer"} */
                    "application/x-ndjson": string;
                };
            };
            /** @description Not modified (If-None-Match). */
            304: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; too_many_reports: Too many reports are being sent */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    downloadRowsCsv: {
        parameters: {
            query?: {
                /** @description true: in front of its columns each row has csvjobs_job_id (the job) and csvjobs_state (loaded: as the job has left it; changed: changed since); and rows come that the job has updated and others have changed since */
                marked?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows, in no order, with all columns of the table; of customers also those that were changed since. What cannot be sent whole ends with a broken connection. */
            200: {
                headers: {
                    /** @description a name for it (RFC 6266) */
                    "Content-Disposition": string;
                    /** @description how many rows the job has inserted or updated, each counted once */
                    "csvjobs-loaded-rows"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example id,product,quantity
                     *     1001,Cup,2
                     *     1002,Saucer,6
                     */
                    "text/csv": string;
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description nothing_to_undo: The job has loaded no rows; undo_impossible: The rows of the job can no longer be identified; undo_refused: PostgreSQL refuses to undo the job */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description undo_not_kept: The data needed to undo the job is no longer kept */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; too_many_reports: Too many reports are being sent */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    downloadRowsNdjson: {
        parameters: {
            query?: {
                /** @description true: in front of its columns each row has csvjobs_job_id (the job) and csvjobs_state (loaded: as the job has left it; changed: changed since); and rows come that the job has updated and others have changed since */
                marked?: "true" | "false";
            };
            header?: never;
            path: {
                /** @description a job's id */
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The rows, in no order, with all columns of the table; of customers also those that were changed since. What cannot be sent whole ends with a broken connection. */
            200: {
                headers: {
                    /** @description a name for it (RFC 6266) */
                    "Content-Disposition": string;
                    /** @description how many rows the job has inserted or updated, each counted once */
                    "csvjobs-loaded-rows"?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {"id":1001,"product":"Cup","quantity":2}
                     *     {"id":1002,"product":"Saucer","quantity":6}
                     */
                    "application/x-ndjson": string;
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description job_not_found: There is no such job */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description nothing_to_undo: The job has loaded no rows; undo_impossible: The rows of the job can no longer be identified; undo_refused: PostgreSQL refuses to undo the job */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description undo_not_kept: The data needed to undo the job is no longer kept */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests; too_many_reports: Too many reports are being sent */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTables: {
        parameters: {
            query?: {
                /** @description tables per page */
                limit?: number;
                /** @description start of the page, from the Link header of the previous one */
                cursor?: string;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description A page, by schema and name: tables, views and foreign tables with at least one column that the role of the daemon may insert into, and tables whose rows it may update; no partitions. The header Link says whether more follow. */
            200: {
                headers: {
                    /** @description RFC 8288: the next page, as rel="next" */
                    Link?: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "schema": "sales",
                     *         "name": "orders",
                     *         "kind": "table",
                     *         "rowEstimate": 12000,
                     *         "key": [
                     *           "id"
                     *         ]
                     *       }
                     *     ]
                     */
                    "application/json": {
                        schema: string;
                        name: string;
                        /** @enum {string} */
                        kind: "table" | "partitioned table" | "view" | "foreign table";
                        /** @description number of rows according to PostgreSQL's statistics; null if there are none */
                        rowEstimate: number | null;
                        /** @description columns of the primary key, or else of the first unique key; null if there is none */
                        key: string[] | null;
                    }[];
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createTable: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "table": "sales.orders",
                 *       "columns": [
                 *         {
                 *           "name": "id",
                 *           "type": "integer"
                 *         },
                 *         {
                 *           "name": "product",
                 *           "type": "text"
                 *         }
                 *       ],
                 *       "key": [
                 *         "id"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description as in SQL: sales.orders, or "Sales"."Order Lines"; the default schema is public */
                    table: string;
                    columns: {
                        /** @description as it stands, without quotes */
                        name: string;
                        /** @enum {string} */
                        type: "boolean" | "integer" | "bigint" | "numeric" | "double precision" | "date" | "time" | "timestamp" | "timestamptz" | "uuid" | "jsonb" | "text";
                    }[];
                    /**
                     * @description the primary key; default: none
                     * @default []
                     */
                    key?: string[];
                };
            };
        };
        responses: {
            /** @description The table that was created. */
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "table": {
                     *         "schema": "sales",
                     *         "name": "orders"
                     *       }
                     *     }
                     */
                    "application/json": {
                        table: {
                            schema: string;
                            name: string;
                        };
                    };
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; table_not_allowed: Loading into this table is not allowed; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description schema_not_found: There is no such schema */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_exists: The table exists already */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_json: The body is not JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_no_rights: The daemon lacks a right in the database that the load needs */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    describeTable: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                /** @description its name as in SQL, URL-encoded: sales.orders, "My Table"; without a schema it is looked up in the schema of csvjobs, then in all */
                table: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The table. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "table": {
                     *         "schema": "sales",
                     *         "name": "orders"
                     *       },
                     *       "kind": "table",
                     *       "columns": [
                     *         {
                     *           "name": "id",
                     *           "type": {
                     *             "sql": "integer",
                     *             "base": "integer",
                     *             "kind": "base",
                     *             "name": "int4",
                     *             "system": true,
                     *             "typmod": -1,
                     *             "element": null,
                     *             "labels": null,
                     *             "domain": null
                     *           },
                     *           "notNull": true,
                     *           "default": null,
                     *           "identity": null,
                     *           "generated": null,
                     *           "insertable": true,
                     *           "collation": null,
                     *           "comment": null
                     *         }
                     *       ],
                     *       "keys": [
                     *         {
                     *           "name": "orders_pkey",
                     *           "primary": true,
                     *           "parts": [
                     *             {
                     *               "column": "id",
                     *               "expression": "id",
                     *               "deterministic": true
                     *             }
                     *           ],
                     *           "columns": [
                     *             "id"
                     *           ],
                     *           "predicate": null,
                     *           "nullsNotDistinct": false,
                     *           "deferrable": false
                     *         }
                     *       ],
                     *       "checks": [],
                     *       "foreignKeys": [],
                     *       "exclusions": [],
                     *       "triggers": [],
                     *       "rules": [],
                     *       "rowSecurity": false,
                     *       "partitionKey": null,
                     *       "fingerprint": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
                     *       "rowEstimate": 12000,
                     *       "spec": {
                     *         "name": "orders",
                     *         "schema": {
                     *           "fields": [
                     *             {
                     *               "name": "id",
                     *               "type": "integer",
                     *               "constraints": {
                     *                 "required": true
                     *               }
                     *             }
                     *           ],
                     *           "primaryKey": [
                     *             "id"
                     *           ]
                     *         },
                     *         "csvjobs": {
                     *           "into": "sales.orders"
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["TableDescription"];
                };
            };
            /** @description bad_request: The request is invalid; table_name_invalid: The name of the table cannot be read */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; table_not_allowed: Loading into this table is not allowed */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_not_found: There is no such table */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_ambiguous: Several tables have this name */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description table_no_rights: The daemon lacks a right in the database that the load needs; table_takes_no_rows: The table takes no rows */
            422: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listWebhooks: {
        parameters: {
            query?: {
                /** @description only deliveries with this status */
                status?: "pending" | "delivered" | "failed";
                /** @description only deliveries to this endpoint */
                endpoint?: string;
                /** @description only deliveries of this job */
                job?: string;
                /** @description number of deliveries */
                limit?: number;
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Endpoints by name, deliveries newest first. Those that have ended are kept for a week. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "endpoints": [
                     *         {
                     *           "name": "erp",
                     *           "origin": "https://erp.example.com",
                     *           "events": [
                     *             "job.completed",
                     *             "job.failed"
                     *           ],
                     *           "tables": "sales.*",
                     *           "disabledAt": null,
                     *           "configured": true,
                     *           "pending": 1,
                     *           "failed": 0
                     *         }
                     *       ],
                     *       "deliveries": [
                     *         {
                     *           "id": "7c1f2c39-5f0f-4b5e-9a55-6f1f0d8f3a21",
                     *           "webhookId": "msg_2f4e7a90-1c6b-4a0e-8a0e-6f5d3c2b1a09",
                     *           "type": "job.completed",
                     *           "endpoint": "erp",
                     *           "jobId": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *           "status": "pending",
                     *           "attempts": 1,
                     *           "createdAt": "2026-11-26T08:00:00.480Z",
                     *           "lastAttemptAt": "2026-11-26T08:00:01.010Z",
                     *           "nextAttemptAt": "2026-11-26T08:00:06.310Z",
                     *           "httpStatus": 503,
                     *           "error": "answered 503"
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        endpoints: components["schemas"]["WebhookEndpoint"][];
                        deliveries: components["schemas"]["WebhookDelivery"][];
                    };
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    testWebhook: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "endpoint": "erp"
                 *     }
                 */
                "application/json": {
                    /** @description the name of an endpoint; default: the only one */
                    endpoint?: string;
                };
            };
        };
        responses: {
            /** @description The delivery, which has ended; see its status. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "7c1f2c39-5f0f-4b5e-9a55-6f1f0d8f3a21",
                     *       "webhookId": "msg_2f4e7a90-1c6b-4a0e-8a0e-6f5d3c2b1a09",
                     *       "type": "webhook.test",
                     *       "endpoint": "erp",
                     *       "jobId": null,
                     *       "status": "delivered",
                     *       "attempts": 1,
                     *       "createdAt": "2026-11-26T08:00:00.480Z",
                     *       "lastAttemptAt": "2026-11-26T08:00:01.010Z",
                     *       "nextAttemptAt": null,
                     *       "httpStatus": 204,
                     *       "error": null
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            /** @description The delivery, which no daemon has attempted yet. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "7c1f2c39-5f0f-4b5e-9a55-6f1f0d8f3a21",
                     *       "webhookId": "msg_2f4e7a90-1c6b-4a0e-8a0e-6f5d3c2b1a09",
                     *       "type": "webhook.test",
                     *       "endpoint": "erp",
                     *       "jobId": null,
                     *       "status": "pending",
                     *       "attempts": 0,
                     *       "createdAt": "2026-11-26T08:00:00.480Z",
                     *       "lastAttemptAt": null,
                     *       "nextAttemptAt": "2026-11-26T08:00:00.480Z",
                     *       "httpStatus": null,
                     *       "error": null
                     *     }
                     */
                    "application/json": components["schemas"]["WebhookDelivery"];
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description webhook_not_found: There is no such webhook */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description webhook_disabled: The endpoint of the webhook is disabled */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_json: The body is not JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    redeliverWebhooks: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "ids": [
                 *         "7c1f2c39-5f0f-4b5e-9a55-6f1f0d8f3a21"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description IDs of deliveries that have ended */
                    ids?: string[];
                    /**
                     * @description all failed deliveries, except tests
                     * @enum {boolean}
                     */
                    failed?: true;
                    /** @description with failed: only deliveries to this endpoint */
                    endpoint?: string;
                };
            };
        };
        responses: {
            /** @description The deliveries that are now due. */
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "deliveries": [
                     *         {
                     *           "id": "7c1f2c39-5f0f-4b5e-9a55-6f1f0d8f3a21",
                     *           "webhookId": "msg_2f4e7a90-1c6b-4a0e-8a0e-6f5d3c2b1a09",
                     *           "type": "job.completed",
                     *           "endpoint": "erp",
                     *           "jobId": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                     *           "status": "pending",
                     *           "attempts": 0,
                     *           "createdAt": "2026-11-26T08:00:00.480Z",
                     *           "lastAttemptAt": null,
                     *           "nextAttemptAt": "2026-11-26T09:00:00.000Z",
                     *           "httpStatus": null,
                     *           "error": null
                     *         }
                     *       ]
                     *     }
                     */
                    "application/json": {
                        deliveries: components["schemas"]["WebhookDelivery"][];
                    };
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description webhook_not_found: There is no such webhook */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description webhook_disabled: The endpoint of the webhook is disabled */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_json: The body is not JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getFrontPage: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description JSON, or an HTML page if the header Accept prefers it. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "name": "csvjobs",
                     *       "version": "0.2.0",
                     *       "ready": true,
                     *       "links": {
                     *         "description": "/api/openapi.json",
                     *         "ready": "/readyz",
                     *         "alive": "/healthz",
                     *         "metrics": "/metrics"
                     *       }
                     *     }
                     */
                    "application/json": {
                        /** @enum {string} */
                        name: "csvjobs";
                        version: string;
                        /** @description whether the daemon accepts work */
                        ready: boolean;
                        links: {
                            /** @description the API in OpenAPI 3.1 */
                            description: string;
                            ready: string;
                            alive: string;
                            metrics: string;
                        };
                    };
                    "text/html": string;
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    listTokens: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description Newest first. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example [
                     *       {
                     *         "id": "0d6f8a5e-6b0c-4b43-8a4f-1f3c8a9be0c2",
                     *         "name": "ci",
                     *         "scope": "write",
                     *         "tables": [
                     *           "sales.*"
                     *         ],
                     *         "createdAt": "2026-11-26T08:00:00.000Z",
                     *         "lastUsedAt": null,
                     *         "revokedAt": null
                     *       }
                     *     ]
                     */
                    "application/json": components["schemas"]["Token"][];
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    createToken: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "name": "ci",
                 *       "scope": "write",
                 *       "tables": [
                 *         "sales.*"
                 *       ]
                 *     }
                 */
                "application/json": {
                    /** @description purpose of the token; unique among active tokens */
                    name: string;
                    /**
                     * @default write
                     * @enum {string}
                     */
                    scope?: "read" | "write" | "admin";
                    /** @description the tables that it may load into, and whose jobs it sees; default: all of TARGET_TABLES */
                    tables?: string[];
                };
            };
        };
        responses: {
            /** @description The token. */
            201: {
                headers: {
                    /** @description where it is */
                    Location: string;
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0d6f8a5e-6b0c-4b43-8a4f-1f3c8a9be0c2",
                     *       "name": "ci",
                     *       "scope": "write",
                     *       "tables": [
                     *         "sales.*"
                     *       ],
                     *       "createdAt": "2026-11-26T08:00:00.000Z",
                     *       "lastUsedAt": null,
                     *       "revokedAt": null,
                     *       "token": "csvjobs_this-answer-alone-has-the-token"
                     *     }
                     */
                    "application/json": {
                        /** Format: uuid */
                        id: string;
                        name: string;
                        /** @enum {string} */
                        scope: "read" | "write" | "admin";
                        /** @description patterns of the tables that it is limited to; null for all of TARGET_TABLES; missing from older daemons */
                        tables?: string[] | null;
                        /** Format: date-time */
                        createdAt: string;
                        /**
                         * Format: date-time
                         * @description to the minute
                         */
                        lastUsedAt: string | null;
                        /** Format: date-time */
                        revokedAt: string | null;
                        token: string;
                    };
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token_conflict: The token cannot be created */
            409: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not_json: The body is not JSON */
            415: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The revoked token. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "id": "0d6f8a5e-6b0c-4b43-8a4f-1f3c8a9be0c2",
                     *       "name": "ci",
                     *       "scope": "write",
                     *       "tables": [
                     *         "sales.*"
                     *       ],
                     *       "createdAt": "2026-11-26T08:00:00.000Z",
                     *       "lastUsedAt": null,
                     *       "revokedAt": "2026-11-26T09:00:00.000Z"
                     *     }
                     */
                    "application/json": components["schemas"]["Token"];
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this; origin_not_allowed: Web pages of other origins may not do this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token_not_found: There is no such token */
            404: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    describeApi: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description OpenAPI 3.1. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "openapi": "3.1.0"
                     *     }
                     */
                    "application/json": {
                        openapi: string;
                    } & {
                        [key: string]: unknown;
                    };
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getMetrics: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description The text format of Prometheus. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /** @example csvjobs_rows_total{outcome="loaded",table="sales.orders"} 998 */
                    "text/plain": string;
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unauthorised: A token is needed */
            401: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden: The token does not allow this */
            403: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description too_many_requests: Too many requests */
            429: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getHealth: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is alive. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "status": "ok",
                     *       "version": "0.2.0"
                     *     }
                     */
                    "application/json": {
                        /** @enum {string} */
                        status: "ok";
                        version: string;
                    };
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description unavailable: A service that the daemon needs is unavailable */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    getReadiness: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            /** @description It is ready. */
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ready": true,
                     *       "version": "0.2.0",
                     *       "checks": {
                     *         "postgresql": {
                     *           "ok": true,
                     *           "message": "ok"
                     *         },
                     *         "redis": {
                     *           "ok": true,
                     *           "message": "ok"
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
            /** @description bad_request: The request is invalid */
            400: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request_timeout: The request did not arrive in time */
            408: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host_not_allowed: The host name is not allowed */
            421: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description headers_too_large: The headers of the request are too large or too many */
            431: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal: Internal error */
            500: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description It is not ready. */
            503: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    /**
                     * @example {
                     *       "ready": false,
                     *       "version": "0.2.0",
                     *       "checks": {
                     *         "postgresql": {
                     *           "ok": true,
                     *           "message": "ok"
                     *         },
                     *         "redis": {
                     *           "ok": false,
                     *           "message": "not ready"
                     *         }
                     *       }
                     *     }
                     */
                    "application/json": components["schemas"]["Readiness"];
                };
            };
        };
    };
    jobEnded: {
        parameters: {
            query?: never;
            header: {
                /** @description the same for each attempt: ignore an id that you have seen */
                "webhook-id": string;
                /** @description time of the attempt, in seconds since 1970 */
                "webhook-timestamp": string;
                /** @description v1, and the base64 of HMAC-SHA256 over id.timestamp.body; several are separated by spaces */
                "webhook-signature": string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                /**
                 * @example {
                 *       "type": "job.completed",
                 *       "timestamp": "2026-11-26T08:00:00.480Z",
                 *       "data": {
                 *         "id": "5a7c0ae1-3c1e-4c43-9d52-0f4b6c1d7f10",
                 *         "filename": "orders.csv",
                 *         "table": "sales.orders",
                 *         "status": "completed",
                 *         "totalRows": 1000,
                 *         "processedRows": 1000,
                 *         "successCount": 998,
                 *         "failedCount": 2,
                 *         "createdAt": "2026-11-26T08:00:00.000Z",
                 *         "startedAt": "2026-11-26T08:00:00.120Z",
                 *         "completedAt": "2026-11-26T08:00:00.480Z"
                 *       }
                 *     }
                 */
                "application/json": components["schemas"]["WebhookBody"];
            };
        };
        responses: {
            /** @description The endpoint wants no more webhooks. */
            410: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
            /** @description Received. After any other answer, or none within 15 s, it is sent again. */
            "2XX": {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
}
