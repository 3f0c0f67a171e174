/** A rule of what is left out. `{stdlib}` stands for `lib/python3.x`. */
export interface PruneRule {
  /** Glob over paths relative to the runtime's home; a folder that fits goes with all that is in it. */
  pattern: string;
  /**
   * From which preset on: `always` holds for `none` too, because the file cannot be right in a bundle. `unsaid` is `always` for what
   * comes and goes by itself: saying it would make equal runtimes unequal.
   */
  level: 'always' | 'safe' | 'small' | 'unsaid';
  reason: string;
}

const rules = (level: PruneRule['level'], reason: string, ...patterns: string[]): PruneRule[] =>
  patterns.map((pattern) => ({ pattern, level, reason }));

/**
 * What a bundle's runtime does not hold. `safe` takes away what no program imports at run time; `small` what few do.
 * Licence files are never pruned (`isLicence`).
 */
export const PRUNE_RULES: readonly PruneRule[] = [
  ...rules('always', 'packages of the interpreter: a bundle installs its own from a lock file', '{stdlib}/site-packages', '{stdlib}/dist-packages'),
  ...rules('unsaid', 'byte code of the building machine: compiled anew, without dates and paths', '**/__pycache__', '**/*.pyc', '**/*.pyo'),
  ...rules(
    'always',
    'describes the machine that built Python, for building against it',
    '{stdlib}/config-*',
    '**/pkgconfig',
    '{stdlib}/build-details.json',
    '{stdlib}/_sysconfig_vars_*.json',
  ),
  ...rules('always', 'static library or object file', '**/*.a', '**/*.o', '**/*.la'),
  ...rules(
    'always',
    'customises Python for the host it came from',
    '{stdlib}/sitecustomize.py',
    '{stdlib}/usercustomize.py',
    '{stdlib}/EXTERNALLY-MANAGED',
  ),
  ...rules('safe', 'test suite of the standard library', '{stdlib}/test', '{stdlib}/*/test', '{stdlib}/*/tests', '{stdlib}/*/idle_test'),
  ...rules(
    'safe',
    'extension module for the test suite only',
    '{stdlib}/lib-dynload/_test*.so',
    '{stdlib}/lib-dynload/_ctypes_test*.so',
    '{stdlib}/lib-dynload/xxlimited*.so',
    '{stdlib}/lib-dynload/_xxtestfuzz*.so',
    '{stdlib}/lib-dynload/xxsubtype*.so',
  ),
  ...rules('safe', 'editor and demonstrations', '{stdlib}/idlelib', '{stdlib}/turtledemo'),
  ...rules('safe', 'wheels of pip for new environments', '{stdlib}/ensurepip/_bundled'),
  ...rules('safe', 'Network Information Service: pulls in Kerberos, gone from Python 3.13', '{stdlib}/lib-dynload/nis.*'),
  ...rules('safe', 'start programs of Windows installers', '{stdlib}/distutils/command/*.exe', '{stdlib}/ctypes/macholib/fetch_macholib*'),
  ...rules('safe', 'headers', 'include'),
  ...rules('safe', 'manual pages', 'share/man', 'share/doc'),
  ...rules('small', 'makes virtual environments', '{stdlib}/ensurepip', '{stdlib}/venv'),
  ...rules('small', 'converts Python 2', '{stdlib}/lib2to3'),
  ...rules('small', 'texts of `help()`', '{stdlib}/pydoc_data'),
  ...rules('small', 'builds packages, superseded by wheels', '{stdlib}/distutils/command', '{stdlib}/msilib'),
  ...rules(
    'small',
    'windows by Tcl/Tk',
    '{stdlib}/tkinter',
    '{stdlib}/turtle.py',
    '{stdlib}/lib-dynload/_tkinter.*',
    'lib/tcl*',
    'lib/tk*',
    'lib/itcl*',
    'lib/thread*',
    'lib/Tix*',
    'lib/tdbc*',
    'lib/sqlite3.*',
  ),
  ...rules('small', 'terminal descriptions that systems have', 'share/terminfo'),
];

/** Parts of the standard library that go when an extension module that they are useless without is dropped. */
export const USELESS_WITHOUT: Readonly<Record<string, readonly string[]>> = {
  _tkinter: [
    '{stdlib}/tkinter',
    '{stdlib}/turtle.py',
    '{stdlib}/turtledemo',
    '{stdlib}/idlelib',
    'lib/tcl*',
    'lib/tk*',
    'lib/itcl*',
    'lib/thread*',
    'lib/Tix*',
  ],
  _dbm: ['{stdlib}/dbm/ndbm.py'],
  _gdbm: ['{stdlib}/dbm/gnu.py'],
  readline: [],
  nis: [],
  ossaudiodev: [],
};

const LICENCE = /(^|\/)(licen[cs]e|copying|copyright|notice)[^/]*$/i;

export const isLicence = (path: string): boolean => LICENCE.test(path) && !path.endsWith('.py') && !path.endsWith('.pyc');
