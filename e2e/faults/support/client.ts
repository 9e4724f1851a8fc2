/** The API as a user's program calls it: with plain fetch. */
import {
  type Job,
  jobSchema,
  paths,
  type Readiness,
  readinessSchema,
  type SpecInput,
  uploadedSchema,
} from '@csvjobs/shared';
import type { DirtyFile } from './loadedTable.js';
import { until } from './until.js';

/** A file to send: only its bytes if it is for customers. */
type Sent = Uint8Array | (Pick<DirtyFile, 'bytes' | 'table'> & { spec?: SpecInput });

/** Sends a file; returns the raw answer. */
export function send(url: string, file: Sent, headers: Record<string, string> = {}): Promise<Response> {
  const { bytes, into, spec } =
    file instanceof Uint8Array
      ? { bytes: file, into: undefined, spec: undefined }
      : { bytes: file.bytes, into: file.table.into, spec: file.spec };
  const form = new FormData();
  if (spec) form.append('spec', JSON.stringify(spec));
  form.append('file', new Blob([Uint8Array.from(bytes)]), 'customers.csv');
  const query = into === undefined ? '' : `?into=${encodeURIComponent(into)}`;
  return fetch(url + paths.upload + query, { method: 'POST', body: form, headers });
}

/** Sends a file that must be accepted, and returns the job's ID. */
export async function upload(url: string, file: Sent, headers: Record<string, string> = {}): Promise<string> {
  const answer = await send(url, file, headers);
  const body: unknown = await answer.json();
  if (answer.status !== 202) throw new Error(`upload: ${answer.status} ${JSON.stringify(body)}`);
  return uploadedSchema.parse(body).jobId;
}

export async function getJob(url: string, id: string): Promise<Job> {
  const answer = await fetch(url + paths.job(id));
  if (answer.status !== 200) throw new Error(`job: ${answer.status} ${await answer.text()}`);
  return jobSchema.parse(await answer.json());
}

export async function readiness(url: string): Promise<Readiness> {
  return readinessSchema.parse(await (await fetch(url + paths.ready)).json());
}

/** Pause between checks whether a job has ended: no fault happens by then, and each check costs the working daemon some time. */
const END_PAUSE_MS = 60;

/** Waits until a job is completed; fails for a failed or cancelled one. */
export async function completed(url: string, id: string, patienceMs?: number): Promise<Job> {
  const job = await until(
    `job ${id} ends`,
    async () => {
      const seen = await getJob(url, id);
      return ['completed', 'failed', 'cancelled'].includes(seen.status) && seen;
    },
    patienceMs,
    END_PAUSE_MS,
  );
  if (job.status !== 'completed') throw new Error(`the job is ${job.status}: ${JSON.stringify(job.failure)}`);
  return job;
}
