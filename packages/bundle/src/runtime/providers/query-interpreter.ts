import { bundleErrors } from '../../errors/bundle-errors';
import { timeoutOf } from '../runtime-ports';
import type { RuntimePorts } from '../runtime-facts';

/** What an interpreter tells of itself. Paths as it gives them. */
export interface InterpreterAnswer {
  implementation: string;
  version: string;
  series: string;
  abiFlags: string;
  executable: string;
  baseExecutable: string;
  basePrefix: string;
  baseExecPrefix: string;
  stdlib: string;
  dynload: string | null;
  platlibdir: string;
  /** `INSTSONAME`: `libpython3.11.so.1.0`, or `libpython3.11.a` of a static build. */
  instSoname: string | null;
  libdir: string | null;
  multiarch: string | null;
  /** Paths that the build wrote into `sysconfig`. */
  builtPrefix: string | null;
  buildFolder: string | null;
}

/** Reads the build's own variables from `_sysconfigdata`, because `sysconfig` corrects them for the place where it runs. */
const QUESTION = `
import sys, os, json
out = {}
out['implementation'] = sys.implementation.name
out['version'] = sys.version.split()[0]
out['series'] = '%d.%d' % sys.version_info[:2]
out['abiFlags'] = getattr(sys, 'abiflags', '')
out['executable'] = sys.executable
out['baseExecutable'] = getattr(sys, '_base_executable', None) or sys.executable
out['basePrefix'] = sys.base_prefix
out['baseExecPrefix'] = sys.base_exec_prefix
out['stdlib'] = os.path.dirname(os.path.abspath(os.__file__))
found = [p for p in sys.path if os.path.basename(p) == 'lib-dynload' and os.path.isdir(p)]
out['dynload'] = found[0] if found else None
out['platlibdir'] = getattr(sys, 'platlibdir', 'lib')
import sysconfig
name = sysconfig._get_sysconfigdata_name() if hasattr(sysconfig, '_get_sysconfigdata_name') else None
try:
    built = __import__(name, fromlist=['build_time_vars']).build_time_vars if name else {}
except ImportError:
    built = {}
live = sysconfig.get_config_vars()
out['instSoname'] = built.get('INSTSONAME') or live.get('INSTSONAME')
out['libdir'] = built.get('LIBDIR') or live.get('LIBDIR')
out['multiarch'] = built.get('MULTIARCH') or live.get('MULTIARCH')
out['builtPrefix'] = built.get('prefix')
out['buildFolder'] = built.get('abs_builddir')
sys.stdout.write('waybill:' + json.dumps(out) + '\\n')
`;

function parseAnswer(stdout: string): InterpreterAnswer | undefined {
  const line = stdout.split('\n').find((text) => text.startsWith('waybill:'));
  return line ? (JSON.parse(line.slice('waybill:'.length)) as InterpreterAnswer) : undefined;
}

/**
 * Asks an interpreter (or a shim of one) for its facts, isolated from user site, environment and site hooks.
 * `folder` is the working folder: shims read `.python-version` from there. Throws `BUNDLE_RUNTIME_QUERY`.
 */
export async function queryInterpreter(executable: string, folder: string, ports: RuntimePorts): Promise<InterpreterAnswer> {
  const result = await ports.processes
    .run({ file: executable, args: ['-I', '-S', '-B', '-c', QUESTION], cwd: folder, env: ports.environment, timeoutMs: timeoutOf(ports) })
    .catch((cause: unknown) => {
      throw bundleErrors.error('BUNDLE_RUNTIME_QUERY', { executable, reason: 'it could not be started', output: messageOf(cause) }, { cause });
    });
  const answer = result.exitCode === 0 ? parseAnswer(result.stdout) : undefined;
  if (answer) return answer;
  const reason = result.timedOut ? 'it did not end in time' : `it ended with ${result.signal ?? `exit code ${result.exitCode}`}`;
  throw bundleErrors.error('BUNDLE_RUNTIME_QUERY', { executable, reason, output: (result.stderr || result.stdout).trim().slice(-2000) });
}

const messageOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause));
