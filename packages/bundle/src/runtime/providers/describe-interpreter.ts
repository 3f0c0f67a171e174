import { existsSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { bundleErrors } from '../../errors/bundle-errors';
import { checkFitsBundle, checkPython } from './check-runtime';
import { checkLibpythonVersion, findLibpython } from '../find-libpython';
import { leakOriginsOf } from '../leak-origins';
import { findLicenceFiles } from '../find-licence-files';
import type { InterpreterAnswer } from './query-interpreter';
import { readElfFile } from '../read-elf-file';
import type { RuntimeFacts, RuntimeProvider, RuntimeRequest } from '../runtime-facts';

/** Homes that other software shares: only what is Python's own is taken from them. */
const GENERIC_HOMES = new Set(['/usr', '/usr/local', '/opt', '/opt/local', '/opt/homebrew', '/']);

/** The real program behind shims, venvs and links: the base installation's own executable where it has one. */
function realExecutable(answer: InterpreterAnswer): string {
  const own = join(answer.baseExecPrefix, 'bin', `python${answer.series}${answer.abiFlags}`);
  const candidates = [own, answer.baseExecutable, answer.executable].filter((file) => existsSync(file)).map((file) => realpathSync(file));
  const elf = candidates.find((file) => readElfFile(file) !== undefined);
  if (elf) return elf;
  throw bundleErrors.error('BUNDLE_RUNTIME_INCOMPLETE', { source: 'interpreter', missing: 'native executable', searched: candidates });
}

const sharedNameOf = (answer: InterpreterAnswer): string =>
  answer.instSoname?.includes('.so') ? answer.instSoname : `libpython${answer.series}${answer.abiFlags}.so.1.0`;

function libraryFolders(answer: InterpreterAnswer, executable: string): string[] {
  const folders = [answer.libdir, answer.libdir && answer.multiarch ? join(answer.libdir, answer.multiarch) : null];
  const own = [join(answer.basePrefix, 'lib'), join(answer.basePrefix, answer.platlibdir), join(dirname(executable), '..', 'lib')];
  return [...own, ...folders.filter((folder): folder is string => folder !== null)];
}

/** Facts of a runtime from what its interpreter told. Throws `BUNDLE_RUNTIME_*` and `BUNDLE_LIBPYTHON_*`. */
export function describeInterpreter(answer: InterpreterAnswer, provider: RuntimeProvider, request: RuntimeRequest): RuntimeFacts {
  const source = `${provider} ${answer.version}`;
  checkPython(answer, request, source);
  const executable = realExecutable(answer);
  const elf = readElfFile(executable);
  const folders = libraryFolders(answer, executable);
  const libpython = findLibpython(folders, answer.series, answer.abiFlags);
  if (libpython) checkLibpythonVersion(libpython, answer.version);
  checkFitsBundle({ elf, source, libpython, soname: sharedNameOf(answer), searched: folders }, request);
  const staticInterpreter = !elf?.needed.some((name) => basename(name).startsWith('libpython'));
  const realPrefix = realpathSync(answer.basePrefix);
  return {
    provider,
    version: answer.version,
    series: answer.series,
    abiFlags: answer.abiFlags,
    executable,
    prefix: answer.basePrefix,
    realPrefix,
    stdlib: answer.stdlib,
    dynload: answer.dynload ?? join(answer.stdlib, 'lib-dynload'),
    platlibdir: answer.platlibdir,
    ...(libpython && { libpython: { file: libpython.file, soname: libpython.soname } }),
    staticInterpreter,
    buildId: request.embedded || !staticInterpreter ? libpython?.buildId : elf?.buildId,
    architecture: elf?.architecture ?? 'unknown',
    runsHere: true,
    source,
    licenceFiles: findLicenceFiles(answer.stdlib, realPrefix, answer.series),
    leakOrigins: leakOriginsOf([
      answer.basePrefix,
      realPrefix,
      answer.baseExecPrefix,
      answer.builtPrefix,
      answer.buildFolder,
      dirname(answer.buildFolder ?? '/'),
    ]),
    layout: GENERIC_HOMES.has(realPrefix) ? 'system' : 'home',
  };
}
