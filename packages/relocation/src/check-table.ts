/** The 24 relocatability checks: numbers and ids are fixed and public. */
export interface CheckRow {
  number: number;
  id: string;
  kind: 'static' | 'dynamic';
  /** Runs unless named: `reproducible` needs a second packaging and runs on demand only. */
  onDemand?: boolean;
  title: string;
}

export const CHECKS = [
  { number: 1, id: 'binary-format', kind: 'static', title: 'every native file parses and is made for the target' },
  { number: 2, id: 'needed-libraries', kind: 'static', title: 'every needed library resolves in the bundle or is part of the system' },
  { number: 3, id: 'rpath', kind: 'static', title: 'search paths are relative and stay in the bundle' },
  { number: 4, id: 'loader', kind: 'static', title: 'executables search the bundle first and use the standard loader' },
  { number: 5, id: 'glibc-floor', kind: 'static', title: 'no file needs a newer glibc than declared' },
  { number: 6, id: 'elf-hygiene', kind: 'static', title: 'no executable stack, text relocation, damaged segment, setuid bit or capability' },
  { number: 7, id: 'build-paths', kind: 'static', title: 'no path of the building machine in any file' },
  { number: 8, id: 'tree-entries', kind: 'static', title: 'links stay inside, no special files, names that every system can hold' },
  { number: 9, id: 'shebangs', kind: 'static', title: 'scripts start on any machine' },
  { number: 10, id: 'python-metadata', kind: 'static', title: 'metadata of Python and its packages is relative and true' },
  { number: 11, id: 'bytecode', kind: 'static', title: 'byte code fits the runtime and survives any change of times' },
  { number: 12, id: 'moved-copy', kind: 'dynamic', title: 'runs from any place, with the place where it was built hidden' },
  { number: 13, id: 'moved-twice', kind: 'dynamic', title: 'runs after a second move, twice at once, from any working folder' },
  { number: 14, id: 'bare-root', kind: 'dynamic', title: 'runs on a bare root file system' },
  { number: 15, id: 'read-only', kind: 'dynamic', title: 'runs read-only, as another user, without home and network, and changes nothing' },
  { number: 16, id: 'hostile-environment', kind: 'dynamic', title: 'no variable of the caller changes what runs' },
  { number: 17, id: 'identity', kind: 'dynamic', title: 'what runs is the Python of the bundle' },
  { number: 18, id: 'file-trace', kind: 'dynamic', title: 'opens nothing of the building machine' },
  { number: 19, id: 'imports', kind: 'dynamic', title: 'every extension module and declared import loads, and the usual services work' },
  { number: 20, id: 'launcher', kind: 'dynamic', title: 'the launcher keeps arguments, exit codes, signals and input' },
  { number: 21, id: 'archive-round-trip', kind: 'dynamic', title: 'the archive unpacks to the same tree with every tool' },
  { number: 22, id: 'start-up', kind: 'dynamic', title: 'starts within its budget, with byte code that is not stale' },
  { number: 23, id: 'self-test', kind: 'dynamic', title: 'the checks catch faults planted in a copy' },
  { number: 24, id: 'reproducible', kind: 'dynamic', onDemand: true, title: 'a second packaging gives the same bytes' },
] as const satisfies readonly CheckRow[];

export type CheckId = (typeof CHECKS)[number]['id'];
