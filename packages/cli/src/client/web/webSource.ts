/**
 * A file on the web as the source of an upload: checked first, then streamed, and resumed after a broken connection.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EXIT } from '../../exitCodes.js';
import { UserError } from '../../userError.js';
import type { UploadSource } from '../uploadBody.js';
import { entityOf, isSame, type WebEntity } from './entity.js';
import { fileNameOf, shownAddress } from './webAddress.js';
import {
  answerError,
  brokenAgain,
  changedError,
  networkFailure,
  notResumable,
  sourceError,
  tooShort,
} from './webErrors.js';
import { dropBody, openWebClient, type WebAnswer, type WebClient } from './webRequest.js';

/** Connections that may break in a row with fewer than WORTH_A_TRY bytes between two of them. */
const TRIES = 5;
const WORTH_A_TRY = 1024 * 1024;
/** Longest pause before the next attempt, in milliseconds. */
const LONGEST_PAUSE = 10_000;

/**
 * Asks the server for the file's name and size, before anything is sent to the daemon.
 * @param address http or https; its user, password and query are never shown
 * @throws UserError (exit 2) if the file cannot be read or is empty; the abort's reason
 */
export async function webSource(address: string, signal: AbortSignal): Promise<UploadSource> {
  const shown = shownAddress(address);
  if (!URL.canParse(address))
    throw sourceError(`${shown} cannot be read`, 'it is not an address', 'check the address');
  const url = new URL(address);
  const client = await openWebClient();
  try {
    // Requests one byte: many servers refuse HEAD, and so do addresses that were signed for GET.
    const answer = await retried(shown, signal, () => client.get(url, { range: 'bytes=0-0' }, signal));
    await dropBody(answer.body);
    const entity = entityOf(answer);
    if (entity.size === 0)
      throw new UserError({
        code: 'file_empty',
        exitCode: EXIT.usage,
        what: `${shown} is empty`,
        why: 'it does not even have a header line',
        next: 'check the address',
      });
    if (!isFile(answer.status)) throw answerError(shown, answer.status);
    const filename = fileNameOf(answer.url, answer.headers['content-disposition']?.toString());
    return {
      file: shown,
      filename,
      size: entity.size,
      repeatable: true,
      remote: true,
      open: () => read(url, shown, entity, signal),
    };
  } finally {
    await client.close();
  }
}

/** Streams one version of the file from its start, over as many connections as it takes. */
async function* read(
  url: URL,
  shown: string,
  expected: WebEntity,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const client = await openWebClient();
  try {
    let at = 0;
    for (let tries = 0, tried = 0; ; ) {
      let broken: unknown;
      try {
        const answer = await ask(client, url, at, expected, signal);
        for await (const chunk of bodyFrom(answer, shown, expected, at)) {
          at += chunk.length;
          if (expected.size !== undefined && at > expected.size) throw changedError(shown);
          yield chunk;
        }
        if (expected.size === undefined || at === expected.size) return;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof UserError) throw error;
        broken = error;
      }
      if (at > 0 && expected.validator === undefined) throw notResumable(shown, at);
      if (at - tried >= WORTH_A_TRY) tries = 0;
      tried = at;
      tries += 1;
      if (tries >= TRIES)
        throw broken === undefined && expected.size !== undefined
          ? tooShort(shown, at, expected.size)
          : brokenAgain(shown, at, broken);
      await pause(tries, broken, signal);
    }
  } finally {
    await client.close();
  }
}

async function ask(
  client: WebClient,
  url: URL,
  at: number,
  { validator }: WebEntity,
  signal: AbortSignal,
): Promise<WebAnswer> {
  const headers: Record<string, string> =
    at === 0 ? {} : { range: `bytes=${at}-`, ...(validator !== undefined && { 'if-range': validator }) };
  const answer = await client.get(url, headers, signal);
  if (!isTemporary(answer.status)) return answer;
  await dropBody(answer.body);
  throw new ComeBackLater(answer);
}

/**
 * Streams the bytes of an answer from `at` on. A server without ranges sends everything again; the first bytes are
 * skipped.
 * @throws UserError if the answer is another version of the file, or not a file
 */
async function* bodyFrom(
  answer: WebAnswer,
  shown: string,
  expected: WebEntity,
  at: number,
): AsyncGenerator<Buffer> {
  const { status, body } = answer;
  const entity = entityOf(answer);
  const start = status === 206 ? entity.start : 0;
  const fits = isFile(status) && isSame(entity, expected) && (start === at || start === 0);
  if (!fits) {
    await dropBody(body);
    throw isFile(status) || status === 412 || status === 416
      ? changedError(shown)
      : answerError(shown, status);
  }
  let passOver = at - (start ?? 0);
  for await (const chunk of body as AsyncIterable<Buffer>) {
    const rest = chunk.subarray(Math.min(passOver, chunk.length));
    passOver -= chunk.length - rest.length;
    if (rest.length > 0) yield rest;
  }
}

/** The server is busy, or a gateway cannot reach it. */
class ComeBackLater extends Error {
  readonly retryAfter: number | undefined;
  constructor({ status, headers }: WebAnswer) {
    super(`the server answers ${status}`);
    const after = Number(headers['retry-after']);
    this.retryAfter = Number.isFinite(after) ? after * 1000 : undefined;
  }
}

/** @throws UserError if the last attempt fails too */
async function retried(
  shown: string,
  signal: AbortSignal,
  get: () => Promise<WebAnswer>,
): Promise<WebAnswer> {
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await get();
      if (!isTemporary(answer.status) || tries === TRIES) return answer;
      await dropBody(answer.body);
      await pause(tries, new ComeBackLater(answer), signal);
    } catch (error) {
      signal.throwIfAborted();
      throw error instanceof UserError ? error : networkFailure(shown, error);
    }
  }
}

async function pause(tries: number, error: unknown, signal: AbortSignal): Promise<void> {
  const asked = error instanceof ComeBackLater ? error.retryAfter : undefined;
  const ms = Math.min(asked ?? 250 * 2 ** tries, LONGEST_PAUSE);
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

function isFile(status: number): boolean {
  return status === 200 || status === 206;
}

function isTemporary(status: number): boolean {
  return status === 429 || status === 502 || status === 503 || status === 504;
}
