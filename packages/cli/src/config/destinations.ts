/**
 * The destination of each file of a command: by the flags, otherwise by the first matching pattern of the project file.
 */

import { dirname, relative, resolve, sep } from 'node:path';
import type { Spec } from '@csvjobs/shared';
import { type FilePattern, patternFor } from './filePatterns.js';
import { readSpecFile, type SpecFile } from './specFile.js';
import { type SpecFlags, withOptions } from './specOptions.js';

/** The table and the spec of a file, as far as given; the daemon decides the rest. */
export interface Destination {
  into: string | undefined;
  spec: SpecFile | undefined;
}

/** A project file and its patterns. */
export interface ProjectFiles {
  file: string;
  patterns: readonly FilePattern[];
}

/**
 * Returns the destination of each file, in order. A flag beats the project file, and an option beats the spec; `-`
 * (stdin) is matched by the name given for it. Reads each spec once, and all of them before the first file is sent.
 * @throws UserError (exit 2) for a spec that cannot be used
 */
export async function destinationsOf(
  files: readonly string[],
  flags: {
    into?: string | undefined;
    spec?: string | undefined;
    specFlags?: SpecFlags;
    /** A spec that takes precedence over those of the project file. */
    base?: SpecFile | undefined;
    /** The spec of the job whose rejected records the files have: options change it if no other spec is given. */
    likeSpec?: Spec | undefined;
  },
  project: ProjectFiles | undefined,
  cwd: string,
): Promise<Destination[]> {
  const specs = new Map<string, Promise<SpecFile>>();
  const specAt = (path: string) => {
    const spec = specs.get(path) ?? readSpecFile(path);
    specs.set(path, spec);
    return spec;
  };
  return Promise.all(
    files.map(async (file) => {
      const found = project && matchOf(file, project, cwd);
      const specPath = flags.spec ?? found?.spec;
      return {
        into: flags.into ?? found?.into,
        spec: withOptions(
          flags.base ?? (specPath === undefined ? undefined : await specAt(specPath)),
          flags.specFlags ?? {},
          flags.likeSpec,
        ),
      };
    }),
  );
}

/** Returns the table that a destination names, in its flag or its spec. */
export function tableOf({ into, spec }: Destination): string | undefined {
  return into ?? spec?.spec?.csvjobs?.into;
}

function matchOf(file: string, { file: projectFile, patterns }: ProjectFiles, cwd: string) {
  const folder = dirname(projectFile);
  const path = relative(folder, resolve(cwd, file)).split(sep).join('/');
  const found = patternFor(patterns, path);
  return found && { into: found.into, spec: found.spec && resolve(folder, found.spec) };
}
