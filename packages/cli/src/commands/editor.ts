/** Opens a file in the user's editor, started as git does. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { editorCommand } from '../config/environment.js';
import { EXIT } from '../exitCodes.js';
import { clean } from '../text/text.js';
import { UserError } from '../userError.js';

/**
 * Opens a file in $VISUAL or $EDITOR, which may have arguments (`code --wait`), and waits until the editor exits.
 * @param next the command that works without an editor
 * @throws UserError (exit 2) if the editor cannot be started or exits with a code other than 0
 */
export async function edit(file: string, next: string): Promise<void> {
  const editor = editorCommand();
  const child =
    process.platform === 'win32'
      ? spawn(`${editor} "${file}"`, { shell: true, stdio: 'inherit' })
      : spawn('sh', ['-c', `${editor} "$@"`, editor, file], { stdio: 'inherit' });
  const [code, signal] = (await once(child, 'exit').catch(() => [127])) as [number | null, string?];
  if (code === 0) return;
  throw new UserError({
    code: 'editor_failed',
    exitCode: EXIT.usage,
    what: `The editor failed: ${clean(editor)}`,
    why:
      code === null
        ? `it was terminated by ${signal}`
        : code === 127
          ? 'it is not there'
          : `its exit code is ${code}`,
    next: `set EDITOR to an editor that works, or: ${next}`,
  });
}
