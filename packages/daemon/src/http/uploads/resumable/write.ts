/** Writes the body of a request into the store, from the upload's offset on. */
import type { PROBLEMS } from '@csvjobs/shared';
import { asFailure } from '../../../failure.js';
import { keepHead, noteRefused, type UploadRow } from '../../../sql/resumable/uploads.js';
import { answerTo, refuse } from '../../problems.js';
import { admitPlanned } from '../admitPlanned.js';
import { planUpload } from '../planned.js';
import { noSuchUpload } from './arrived.js';
import { openBody } from './body.js';
import type { TusCall } from './call.js';
import { checkedBody, checksumOf } from './checksum.js';
import { isForGood, wantedOf } from './finish.js';
import { type FirstLook, firstLook } from './firstLook.js';
import { type Lease, lostLease } from './lease.js';
import { readMetadata } from './metadata.js';

/**
 * Appends the body; returns the new length, all of it durable. An upload whose first bytes are refused, or for which
 * there is no room, is abandoned.
 * @throws {Failure} what ends the body (`openBody`, `checkedBody`, `holdLease`), `bad_request` for more bytes
 * than were announced, the refusal of the file, `disk_full`, `unavailable`
 */
export async function writeBody(
  call: TusCall & { row: UploadRow; lease: Lease },
  offset: number,
): Promise<number> {
  const { deps, ctx, row, lease, stop } = call;
  const { pool, storage, options } = deps;
  const left = row.length - offset;
  const checksum = checksumOf(ctx);
  if (/100-continue/i.test(ctx.get('Expect'))) ctx.res.writeContinue();
  const body = openBody(ctx.req, stop, options.paceMs);
  lease.watch(body.silentMs);
  const look = firstLook(
    row.head,
    offset,
    (head) => judge(call, head),
    (reason) => stop.abort(reason),
  );
  const keep = async () => {
    const head = look.kept();
    if (head) await keepHead(pool, row.id, head);
  };
  try {
    const source = checksum ? await checkedBody(ctx, body.stream, checksum, call.room) : body.stream;
    const length = await storage.pieces.append(row.id, offset, guarded(source, { look, lease, left }), {
      maxBytes: row.length,
      signal: stop.signal,
    });
    deps.metrics.piece(length - offset);
    await look.done();
    if (length < row.length) await keep();
    return length;
  } catch (error) {
    const reason = stop.signal.aborted ? stop.signal.reason : asRefusal(error, row.id);
    const refusal = noRoom(reason) ?? (await look.done().catch((refused: unknown) => refused));
    if (refusal === undefined || !endsUpload(answerTo(refusal).code)) {
      // A hint: without it, the file is judged at its end.
      await keep().catch(() => {});
      throw reason;
    }
    const { code, detail, options: words } = answerTo(refusal);
    await noteRefused(pool, row.id, { code, detail, ...(words && { options: words }) });
    await storage.pieces.discard(row.id);
    throw refusal;
  } finally {
    lease.watch(() => 0);
    body.leave();
  }
}

/** A full disk: what arrived would keep it full for every other upload until this one expires. */
function noRoom(reason: unknown): unknown {
  return asFailure(reason).code === 'disk_full' ? reason : undefined;
}

function endsUpload(code: keyof typeof PROBLEMS): boolean {
  return code === 'disk_full' || isForGood(code);
}

/** Passes on the bytes that may be stored: no more than were announced, and none once the lease is lost. */
async function* guarded(
  source: AsyncIterable<Buffer> | Iterable<Buffer>,
  { look, lease, left }: { look: FirstLook; lease: Lease; left: number },
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > left)
      throw refuse(
        'bad_request',
        `there are more bytes than Upload-Length says; the first ${left} were kept`,
      );
    if (lease.lost()) throw lostLease();
    look.see(chunk);
    yield chunk;
  }
}

/** The gate's verdict on a file by its first bytes alone. */
async function judge({ deps, ctx, row }: TusCall & { row: UploadRow }, head: Uint8Array): Promise<void> {
  const said = readMetadata(row.metadata);
  const { caller } = ctx.state;
  const planned = await planUpload(deps, caller, await wantedOf(deps, ctx, said));
  // The end of the file has not arrived yet.
  await admitPlanned(deps, caller, { head, tail: new Uint8Array(), sizeBytes: row.length }, planned);
}

/** Explains the store's error if another request has written since the offset was read. */
function asRefusal(error: unknown, id: string): unknown {
  const { code } = asFailure(error);
  if (code === 'pieces_missing') return noSuchUpload(id);
  if (code !== 'offset_mismatch') return error;
  return refuse('upload_offset_conflict', 'the upload has moved on; HEAD returns its offset', error);
}
