/** The HTTP application: what all answers have in common, then one file per group of addresses. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import Koa from 'koa';
import helmet from 'koa-helmet';
import Router from 'koa-router';
import type { AppDeps } from './deps.js';
import { descriptionRoute } from './description/route.js';
import { assertDescribed } from './description/scopes.js';
import { createDownloads } from './downloads.js';
import { frontPageRoutes } from './frontPage.js';
import { healthRoutes } from './health.js';
import { heldRoutes } from './held.js';
import { jobRoutes } from './jobs.js';
import { loadedRowsRoutes } from './loadedRows.js';
import { measure, metricsRoutes } from './metrics.js';
import { createIdentify, requireToken } from './middleware/access.js';
import { boundAnswers } from './middleware/answers.js';
import { limitHeaders, refuseWhile, requireOneHost, requireTarget } from './middleware/bounds.js';
import { explainProblems } from './middleware/explain.js';
import { identify } from './middleware/identify.js';
import { allowHosts, allowOrigin, refuseForeignWrites } from './middleware/origins.js';
import { createStanding } from './middleware/standing.js';
import { previewRoutes } from './previews.js';
import { reportRoutes } from './reports/report.js';
import { createBoards } from './streams/boards.js';
import { eventRoutes } from './streams/events.js';
import { createFeeds } from './streams/feeds.js';
import { tableRoutes } from './tables.js';
import { tokenRoutes } from './tokens.js';
import { undoRoutes } from './undo.js';
import { earlierRoutes } from './uploads/earlier.js';
import { loadRoute } from './uploads/loadDryRun.js';
import { resumableRoutes } from './uploads/resumable/routes.js';
import { createUnderWay } from './uploads/underWay.js';
import { uploadRoutes } from './uploads/uploads.js';
import { webhookRoutes } from './webhooks.js';

export type { AppDeps, AppOptions } from './deps.js';

export interface App {
  /** For node:http. */
  handle: (req: IncomingMessage, res: ServerResponse) => void;
  /**
   * From now on the app is not ready, takes no new uploads, and ends every open stream; its reader reconnects
   * later.
   */
  close(): void;
  /** Waits until no upload or preview is under way, including those that were cut off and still clean up. */
  settled(): Promise<void>;
  /** Number of open progress streams. */
  openStreams(): number;
}

export function createApp(deps: AppDeps): App {
  const { log, version, options } = deps;
  let closing = false;
  const koa = new Koa();
  // Errors after the answer has started; usually the client has gone away.
  koa.on('error', (error: Error) => log.info({ err: error }, 'a response was cut off'));

  koa.use(measure(deps));
  koa.use(identify(version));
  koa.use(
    helmet({
      // Only the front page is a page, and it sends its own policy. TLS, and so HSTS, is up to the proxy in
      // front of the daemon.
      contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"] } },
      strictTransportSecurity: false,
      crossOriginResourcePolicy: { policy: options.corsOrigin ? 'cross-origin' : 'same-origin' },
    }),
  );
  if (options.corsOrigin) koa.use(allowOrigin(options.corsOrigin));
  koa.use(explainProblems(log, options.lingerMs ?? 10_000));
  koa.use(requireTarget());
  koa.use(limitHeaders(options.maxHeaders ?? 100));
  koa.use(requireOneHost());
  koa.use(allowHosts(options.allowedHosts ?? []));
  koa.use(refuseForeignWrites(options.corsOrigin));
  koa.use(refuseWhile(() => closing));
  const callerOf = createIdentify(deps);
  const standing = createStanding(deps);
  koa.use(requireToken(callerOf, standing));
  koa.use(boundAnswers(options.maxAnswerBytes ?? 64 * 1024 * 1024));

  const feeds = createFeeds(deps);
  feeds.onHeartbeat(() => void standing.review());
  deps.tokenNews.onNews(() => void standing.review());
  const boards = createBoards(deps);
  const events = eventRoutes(deps, feeds, boards);
  // Exact match: so are the rules of who may call what, and an address in capitals must not bypass them.
  const router = new Router({ sensitive: true, strict: true });
  frontPageRoutes(router, deps, () => closing);
  healthRoutes(router, { ...deps, identify: callerOf }, () => closing);
  const uploads = createUnderWay(options);
  deps.metrics.countUploads(uploads.count);
  uploadRoutes(router, deps, uploads);
  const stopBodies = resumableRoutes(router, deps, uploads);
  const previewsSettled = previewRoutes(router, deps);
  earlierRoutes(router, deps);
  events.addTo(router);
  jobRoutes(router, deps);
  loadRoute(router, deps);
  heldRoutes(router, deps);
  undoRoutes(router, deps);
  const beginDownload = createDownloads(deps.options.maxReports);
  loadedRowsRoutes(router, deps, beginDownload);
  reportRoutes(router, deps, beginDownload);
  tableRoutes(router, deps);
  tokenRoutes(router, {
    ...deps,
    changed: () => {
      deps.tokenNews.send();
      void standing.review();
    },
  });
  webhookRoutes(router, deps);
  metricsRoutes(router, deps);
  descriptionRoute(router, version);
  assertDescribed(router);
  deps.metrics.countStreams(events.open);
  koa.use(router.routes());
  koa.use(router.allowedMethods());

  return {
    handle: koa.callback(),
    close: () => {
      closing = true;
      stopBodies();
      feeds.close();
      boards.close();
      events.close();
    },
    openStreams: events.open,
    settled: async () => {
      await Promise.all([uploads.settled(), previewsSettled()]);
    },
  };
}
