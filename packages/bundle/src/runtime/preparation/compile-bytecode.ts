import { isAbsolute, resolve } from 'node:path';
import { bundleErrors } from '../../errors/bundle-errors';
import { timeoutOf } from '../runtime-ports';
import type { RuntimePorts } from '../runtime-facts';
import { bareEnvironment } from './run-prepared';

/** Parts of the work. A constant: it shapes the bytes, so it must not follow the machine. */
const WORKERS = 8;
const TESTS = '/(test|tests|idle_test)/';
/** A pattern that fits nothing. */
const NOTHING = '(?!)';

/**
 * Compiles in forked workers, each with a fixed part of the files in a fixed order. Up to 3.10 a module's byte code depends on what
 * else is alive in the process (marshal marks objects that others hold too): a pool that gives out work as it comes gives other bytes
 * each time (compileall's own `-j` does), and so do garbage that is not yet collected, one-character strings that were or were not
 * made before, names that a type's cache still holds, and a worker that imports a module which another is just compiling: one file is
 * compiled before the fork, so that all imports are done. Files are written where they stay (PEP 552 says what is in them): others list
 * the folders meanwhile, and nothing there may vanish.
 */
const COMPILE = `
import sys
del sys.path[0]
import gc, marshal, os, re
from importlib.util import MAGIC_NUMBER, source_hash
held = [chr(code) for code in range(256)], [bytes([code]) for code in range(256)]
skipped, workers, folders = re.compile(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
found = []
for folder in folders:
    for base, _, names in os.walk(folder):
        found += [os.path.join(base, name) for name in names if name.endswith('.py')]
found = sorted(path for path in found if not skipped.search('/' + path))
found.sort(key=os.path.getsize, reverse=True)
ending = '.' + sys.implementation.cache_tag + '.pyc'
unchecked = MAGIC_NUMBER + (1).to_bytes(4, 'little')
gc.disable()
forget = getattr(sys, '_clear_internal_caches', None) or getattr(sys, '_clear_type_cache', None) or gc.collect
def compile_file(path):
    folder, name = os.path.split(path)
    with open(path, 'rb', 0) as file:
        source = file.read()
    try:
        code = compile(source, path, 'exec', dont_inherit=True)
    except Exception as error:
        sys.stderr.write('%s: %s\\n' % (type(error).__name__, error))
        os.write(2, ('waybill-failed:' + path + '\\n').encode())
        return
    os.makedirs(os.path.join(folder, '__pycache__'), exist_ok=True)
    with open(os.path.join(folder, '__pycache__', name[:-len('.py')] + ending), 'wb', 0) as file:
        data = memoryview(unchecked + source_hash(source) + marshal.dumps(code))
        while data:
            data = data[file.write(data):]
def compile_part(part):
    for path in part:
        gc.collect()
        forget()
        compile_file(path)
    sys.stdout.flush()
compile_part(found[:1])
gc.collect()
gc.freeze()
children = []
for worker in range(workers):
    child = os.fork()
    if child == 0:
        status = 1
        try:
            compile_part(found[1 + worker::workers])
            status = 0
        except BaseException as error:
            sys.stderr.write('%s: %s\\n' % (type(error).__name__, error))
        finally:
            os._exit(status)
    children.append(child)
broken = [child for child in children if os.waitpid(child, 0)[1] != 0]
sys.exit(1 if broken else 0)
`;

export interface CompileRequest {
  /** Absolute root of the bundle; file names in byte code are relative to it. */
  root: string;
  /** An interpreter: the bundle's own, a path in the bundle, or the one that it was copied from (absolute). */
  python: string;
  /** Folders of the bundle. */
  folders: readonly string[];
  /** Leave test suites out: those of the standard library hold files that are no Python on purpose. */
  skipTests?: boolean;
}

/** An interpreter that was asked who it is by this variable may find no libpython, or another one, without it. The bundle's own needs none. */
const libraryPath = ({ environment: { LD_LIBRARY_PATH } }: RuntimePorts): Record<string, string> => (LD_LIBRARY_PATH ? { LD_LIBRARY_PATH } : {});

/**
 * Compiles modules to unchecked-hash byte code (traps T14, T15, T30), the same bytes wherever the bundle stands and on any machine.
 * Gives the files that have an error in them, sorted. Without `-I`, which would also ignore PYTHONHASHSEED.
 * Throws `BUNDLE_BYTECODE` when the interpreter cannot do it at all.
 */
export async function compileBytecode(request: CompileRequest, ports: RuntimePorts): Promise<string[]> {
  const { root, python, folders } = request;
  const args = ['-B', '-S', '-s', '-c', COMPILE, request.skipTests ? TESTS : NOTHING, String(WORKERS), ...folders];
  const result = await ports.processes.run({
    file: resolve(root, python),
    args,
    cwd: root,
    env: { ...bareEnvironment(ports), ...(isAbsolute(python) && libraryPath(ports)) },
    timeoutMs: timeoutOf(ports),
  });
  const output = (result.stdout + result.stderr).replaceAll(`${root}/`, '');
  if (result.exitCode !== 0) throw bundleErrors.error('BUNDLE_BYTECODE', { exitCode: result.exitCode, output: output.trim().slice(-4000) });
  return [...output.matchAll(/^waybill-failed:(.+)$/gm)].map(([, path]) => path ?? '').sort();
}
