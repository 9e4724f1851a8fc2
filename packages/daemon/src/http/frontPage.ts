/**
 * `GET /`: a page for people who open the address in a browser, and a short JSON document for programs. It
 * needs no token, so it reveals no more than a health check does: nothing about jobs, tables or files.
 */
import { createHash } from 'node:crypto';
import { type FrontPage, paths, type Readiness } from '@csvjobs/shared';
import type Router from 'koa-router';
import type { AppDeps } from './deps.js';
import { readiness } from './health.js';

const STYLE = `
body { max-width: 44rem; margin: 3rem auto; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif; color-scheme: light dark }
code, pre { font-family: ui-monospace, monospace }
pre { padding: .75rem; border: 1px solid; overflow-x: auto }
`;

/** The page may only have styles: no script, no form, no frame, and it fetches nothing. */
const POLICY = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export function frontPageRoutes(
  router: Router,
  { checks, version }: Pick<AppDeps, 'checks' | 'version'>,
  closing: () => boolean,
): void {
  router.get(paths.front, async (ctx) => {
    const now = await readiness(checks, closing());
    ctx.set('Cache-Control', 'no-store');
    ctx.vary('Accept');
    if (ctx.accepts('json', 'html') === 'html') {
      ctx.set('Content-Security-Policy', POLICY);
      ctx.type = 'html';
      ctx.body = page(version, now);
      return;
    }
    const { description, ready, alive, metrics } = paths;
    const body: FrontPage = {
      name: 'csvjobs',
      version,
      ready: now.ready,
      links: { description, ready, alive, metrics },
    };
    ctx.type = 'json';
    // Indented, and with a final line end: people fetch it with curl.
    ctx.body = `${JSON.stringify(body, null, 2)}\n`;
  });
}

/** No escaping: the names of parts come from this program, and the rest is fixed. */
function page(version: string, { ready, checks }: Pick<Readiness, 'ready' | 'checks'>): string {
  const parts = Object.entries(checks).map(
    ([name, { ok }]) => `<li>${name}: ${ok ? 'ok' : 'not ready'}</li>`,
  );
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>csvjobs</title>
<style>${STYLE}</style>
<h1>csvjobs ${version}</h1>
<p>This daemon loads CSV files into PostgreSQL. It keeps the rows that it rejects, with the reason, so that they can be fixed.
<h2>${ready ? 'Ready' : 'Not ready'}</h2>
<p>${ready ? 'It accepts files.' : 'It does not accept files at the moment. Its log and <code>csvjobs doctor</code> say why.'}
<ul>
${parts.join('\n')}
</ul>
<p>For monitoring: <a href="${paths.ready}">${paths.ready}</a>, <a href="${paths.alive}">${paths.alive}</a>, and
<a href="${paths.metrics}">${paths.metrics}</a> for Prometheus.
<h2>Use it</h2>
<p>There is nothing to click here: files come from the command line, or from a program.
<pre>npm install --global csvjobs
csvjobs login &lt;this address&gt;
csvjobs upload orders.csv --into orders --watch</pre>
<p><code>csvjobs help</code> lists all commands. The guides are in the folder <code>docs</code> of the sources; begin with
<code>docs/getting-started.md</code>.
<h2>The API</h2>
<p><a href="${paths.description}">${paths.description}</a> describes every call in OpenAPI 3.1. Where the daemon has tokens, this and
all other calls but the health checks need one, in the header <code>Authorization: Bearer …</code>:
<pre>curl -H "Authorization: Bearer $CSVJOBS_TOKEN" &lt;this address&gt;${paths.description}</pre>
</html>
`;
}
