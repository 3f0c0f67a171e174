import { posix } from 'node:path';

/** One system call that named a file. */
export interface FileCall {
  /** `openat`, `execve`, `newfstatat`, … */
  call: string;
  /** Absolute, as the process sees it; `.` and `..` resolved by text. */
  path: string;
  /** `ENOENT`, …; absent when it worked. */
  error?: string;
  /** The call opens the file for reading or writing its content. */
  opens: boolean;
  writes: boolean;
  /** `PYTHONHOME` in the environment of the program that the call starts. */
  pythonHome?: string;
}

/** What one process asked of the file system. */
export interface ProcessTrace {
  calls: readonly FileCall[];
}

const LINE = /^(\w+)\((.*)\)\s+= (-?\d+|\?)(?:<(?:[^>\\]|\\.)*>)?(?: (E[A-Z0-9]+))?/;
const WITH_FOLDER = /^(?:AT_FDCWD|-?\d+)<((?:[^>\\]|\\.)*)>, "((?:[^"\\]|\\.)*)"/;
const WITHOUT_FOLDER = /^(?:AT_FDCWD, )?"((?:[^"\\]|\\.)*)"/;
/** Between the arguments and the environment of `execve`: a quote inside of either is written `\\"`. */
const BEFORE_ENVIRONMENT = '"], ["';
const PYTHON_HOME = /"PYTHONHOME=((?:[^"\\]|\\.)+)"/;
const OPENING = new Set(['open', 'openat', 'openat2', 'creat']);
const CHANGING = new Set([
  'mkdir',
  'mkdirat',
  'unlink',
  'unlinkat',
  'rename',
  'renameat',
  'renameat2',
  'rmdir',
  'symlink',
  'symlinkat',
  'link',
  'linkat',
  'truncate',
  'chmod',
  'fchmodat',
  'utimensat',
  'creat',
  'mknod',
  'mknodat',
]);

/**
 * The file strace wrote for one process (`-ff -y -e trace=%file`, with whole environments). Paths of descriptors are those of the machine: `root`, the folder in
 * which the sandbox's root stands, is taken off.
 */
export function parseStrace(text: string, root: string | undefined, startFolder: string): ProcessTrace {
  const calls: FileCall[] = [];
  let folder = startFolder;
  for (const line of text.split('\n')) {
    const match = LINE.exec(line);
    if (!match) continue;
    const [, call = '', args = '', , error] = match;
    const named = nameIn(args, root, folder);
    if (named === undefined) continue;
    if (call === 'chdir' && error === undefined) folder = named;
    const home = error === undefined && call.startsWith('execve') ? homeIn(args) : undefined;
    calls.push({
      call,
      path: named,
      ...(error !== undefined && { error }),
      opens: OPENING.has(call) && !/O_PATH|O_DIRECTORY/.test(args),
      writes: CHANGING.has(call) || (OPENING.has(call) && /O_WRONLY|O_RDWR|O_CREAT|O_TRUNC/.test(args)),
      ...(home !== undefined && { pythonHome: home }),
    });
  }
  return { calls };
}

function homeIn(args: string): string | undefined {
  const at = args.lastIndexOf(BEFORE_ENVIRONMENT);
  const home = at < 0 ? undefined : PYTHON_HOME.exec(args.slice(at))?.[1];
  return home === undefined ? undefined : unescape(home);
}

function nameIn(args: string, root: string | undefined, folder: string): string | undefined {
  const relativeTo = WITH_FOLDER.exec(args);
  if (relativeTo) {
    const base = withoutRoot(unescape(relativeTo[1]!), root);
    const name = unescape(relativeTo[2]!);
    return name === '' ? undefined : posix.resolve('/', base, name);
  }
  const plain = WITHOUT_FOLDER.exec(args);
  if (!plain || plain[1] === '') return undefined;
  return posix.resolve('/', folder, unescape(plain[1]!));
}

const withoutRoot = (path: string, root: string | undefined): string =>
  root !== undefined && (path === root || path.startsWith(`${root}/`)) ? path.slice(root.length) || '/' : path;

const ESCAPES: Readonly<Record<string, number>> = { n: 10, t: 9, r: 13, v: 11, f: 12 };

/** C escapes as strace writes them, back to text: octal bytes are UTF-8. */
function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  const bytes: number[] = [];
  for (const match of text.matchAll(/\\([0-7]{1,3})|\\x([0-9a-f]{2})|\\(.)|([^\\]+)/gs)) {
    const [, octal, hex, character, plain] = match;
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (hex !== undefined) bytes.push(Number.parseInt(hex, 16));
    else if (character !== undefined) bytes.push(ESCAPES[character] ?? character.charCodeAt(0));
    else bytes.push(...Buffer.from(plain ?? '', 'utf8'));
  }
  return Buffer.from(bytes).toString('utf8');
}
