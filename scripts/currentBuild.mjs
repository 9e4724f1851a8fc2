// vitest's first step (vitest.config.ts): compiles what is not compiled yet. Tests start the daemon, the command line and
// the reading thread from dist/ and from what is bundled of it, and with an older build they would pass or fail for what is
// not there any more. 0.6 s where everything is up to date.
import { bundleDaemon } from './bundleDaemon.mjs';
import { locked, typescript } from './setup.mjs';

/** Ends the run with the compiler's messages where the sources do not compile. */
export default async function currentBuild(project) {
  await compile();
  project.onTestsRerun(compile);
}

function compile() {
  return locked(() => typescript('packages/shared', 'packages/daemon', 'packages/cli').then(bundleDaemon));
}
