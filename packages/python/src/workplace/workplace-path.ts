import { createHash } from 'node:crypto';

/**
 * Where builds happen, by system: the same on every machine, whatever TMPDIR says, because compilers write the path into what they make.
 * On macOS `/tmp` is a link to this.
 */
const ROOTS: Readonly<Record<string, string>> = { darwin: '/private/tmp', win32: 'C:\\Users\\Public' };

/** Folder of a project's builds: constant for its name and its place in the workspace, without spaces. */
export function workplacePath(projectName: string, projectRoot: string, system: string): string {
  const root = ROOTS[system] ?? '/tmp';
  const name = projectName.replace(/[^A-Za-z0-9._-]+/g, '-').slice(0, 40);
  const digest = createHash('sha256').update(`${projectName}\0${projectRoot}`).digest('hex').slice(0, 8);
  return `${root}${system === 'win32' ? '\\' : '/'}waybill-build-${name}-${digest}`;
}

/**
 * The places below a workplace. The build has a folder of its own in it: what a backend writes beside the sources (`../x`) or beside that
 * folder (`../../x`) lands where nothing else writes, and is seen.
 */
export interface Workplace {
  /** Private to the user. */
  root: string;
  /** What backends may see as the folder above the sources. */
  build: string;
  /** The copy of the sources; `project` is in it, or it is that. */
  sources: string;
  /** The unpacked sdist. */
  sdist: string;
  /** Results of the frontends: one file each. */
  output: string;
  /** TMPDIR of everything that runs. */
  temporary: string;
  /** Environment with build requirements that were installed beforehand. */
  environment: string;
  /** Wheels of this workspace, which build requirements may be. */
  wheels: string;
  /** Results that were packed again, and whatever checks need. */
  scratch: string;
}

export function placesIn(root: string): Workplace {
  const build = `${root}/build`;
  return {
    root,
    build,
    sources: `${build}/src`,
    sdist: `${build}/sdist`,
    output: `${root}/output`,
    temporary: `${root}/tmp`,
    environment: `${root}/env`,
    wheels: `${root}/wheels`,
    scratch: `${root}/scratch`,
  };
}
