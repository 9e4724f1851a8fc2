/** The only place where a failure becomes an answer: problem+json (RFC 9457), and a log line. */
import type { IncomingMessage } from 'node:http';
import { PROBLEM_MEDIA_TYPE, PROBLEMS, problem } from '@csvjobs/shared';
import type { Context, Middleware } from 'koa';
import { quotesFile } from '../../failure.js';
import type { Log } from '../../logType.js';
import { answerTo, refuse } from '../problems.js';

/** Turns every error thrown by later middleware, and unknown addresses and methods, into problem+json. */
export function explainProblems(log: Log, lingerMs: number): Middleware {
  return async (ctx, next) => {
    try {
      await next();
      if (ctx.respond !== false) checkAnswered(ctx);
    } catch (error) {
      answer(ctx, error, log, lingerMs);
    }
  };
}

function checkAnswered(ctx: Context): void {
  if (ctx.status === 404 && !ctx.body) {
    throw refuse('not_found', `${ctx.path} is not an address of this daemon; the API is under /api/jobs`);
  }
  // The router leaves this status, with the Allow header set, for a known path under another method.
  if (ctx.status === 405 || ctx.status === 501) {
    const allowed = ctx.response.get('Allow');
    throw refuse('method_not_allowed', `${ctx.method} is not possible on ${ctx.path}, only ${allowed}`);
  }
}

function answer(ctx: Context, error: unknown, log: Log, lingerMs: number): void {
  const { code, detail, options, headers, mistake } = answerTo(error);
  const { status } = PROBLEMS[code];
  const { requestId } = ctx.state;
  const fields = { requestId, method: ctx.method, path: ctx.path, status, code };
  if (mistake) log.error({ ...fields, err: error }, 'request failed');
  else if (status >= 500) log.warn({ ...fields, err: error }, 'request refused');
  else log.info(quotesFile(code) ? fields : { ...fields, detail }, 'request refused');

  if (ctx.res.headersSent) {
    // Too late for another answer: resetting the connection shows the client that the body is incomplete.
    ctx.req.socket.resetAndDestroy();
    return;
  }
  const body = JSON.stringify(
    problem(code, detail, { instance: ctx.path, requestId, ...(options && { options }) }),
  );
  ctx.status = status;
  ctx.set('Content-Type', PROBLEM_MEDIA_TYPE);
  // These headers described the answer that is not sent.
  for (const header of ['Content-Disposition', 'Content-Encoding', 'ETag']) ctx.remove(header);
  ctx.set(headers);
  if (hasUnreadBody(ctx.req)) answerEarly(ctx, body, lingerMs);
  else ctx.body = body;
}

function hasUnreadBody(req: IncomingMessage): boolean {
  const { 'transfer-encoding': encoding, 'content-length': length } = req.headers;
  return !req.complete && (encoding !== undefined || Number(length ?? 0) > 0);
}

/**
 * Answers while the body is still arriving. Closing at once would make TCP reset the connection, and the
 * client would lose the answer (RFC 9112, 9.6). So the whole answer is sent, and the connection then stays
 * open, dropping the rest of the body, until the client has stopped or `lingerMs` have passed.
 */
function answerEarly(ctx: Context, body: string, lingerMs: number): void {
  const { req, res } = ctx;
  ctx.respond = false;
  res.setHeader('Connection', 'close');
  res.setHeader('Content-Length', Buffer.byteLength(body));
  res.write(body);
  const finish = () => {
    clearTimeout(timer);
    res.end();
  };
  const timer = setTimeout(finish, lingerMs);
  req.once('end', finish);
  req.once('close', finish);
  req.once('error', finish);
  req.resume();
}
