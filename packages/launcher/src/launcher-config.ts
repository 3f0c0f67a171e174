/** How the launcher relates to the program that it starts. */
export type LauncherBehaviour =
  /** The launcher becomes the program (`exec`): one process, and every signal is the program's own (embedded-app). */
  | 'become'
  /** The launcher stays under the application's name and looks after one child (python-app). */
  | 'supervise';

export type LauncherKind = 'native' | 'shell';

/** Host libraries that a bundle carries and that have paths of their build machine baked in. */
export type CarriedPart = 'openssl' | 'ncurses';

/**
 * What a launcher must know of its bundle. All paths are paths in the bundle: relative, `/` separated, never upwards.
 * In `arguments` and in the values of `environment` the text `{bundle}` stands for the absolute folder of the bundle.
 */
export interface LauncherConfig {
  behaviour: LauncherBehaviour;
  /** The launcher's file name without `.exe`, also what its error lines start with. */
  appName: string;
  /** What is started: `bin/pychat-bin`, or `python/runtime/bin/python3.11`. */
  program: string;
  /** The interpreter's home, `python/runtime`. A program that is not the interpreter itself gets it as PYTHONHOME. */
  pythonHome: string;
  /** The interpreter's executable; when it equals `program`, variables that keep working become its options. */
  python: string;
  /** Come before the user's arguments: `['-I', '-X', 'utf8', '-m', 'studio']`; empty for an embedded-app. */
  arguments: readonly string[];
  /** `{os}-{arch}`, `-musl` behind it for musl systems. */
  platform: string;
  /** Lowest glibc that the bundle runs on, `2.35`: an older host gets one clear line. Linux with glibc only. */
  glibc?: string;
  /** Set for the application unless the user has set them. */
  environment?: Readonly<Record<string, string>>;
  carries?: readonly CarriedPart[];
  /** Certificates in the bundle, taken when neither the user nor the host has any: `python/vendor/certifi/cacert.pem`. */
  certificates?: string;
}

/** A file to place in the bundle. */
export interface LauncherFile {
  /** In the bundle. */
  path: string;
  mode: number;
  /** The text, or the native launcher of a platform, whose file `launcherBinary` tells. */
  content: string | { asset: string };
}
