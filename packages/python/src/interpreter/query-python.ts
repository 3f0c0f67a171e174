import type { Processes } from '@waybill/core';
import { pythonErrors } from '../errors/python-errors';

const TIMEOUT_MS = 30_000;
const MARK = 'waybill:';

/** The interpreter that builds, as it describes itself. */
export interface Interpreter {
  /** Absolute; no shim. */
  executable: string;
  /** `cpython`. */
  implementation: string;
  /** `3.11.7`. */
  version: string;
  /** `3.11`. */
  series: string;
  /** `t` for a free-threaded build, `d` for a debug build; empty for the usual one. */
  abiFlags: string;
  /** Tag of the machine in a wheel's name, as backends write it: `linux_x86_64`. */
  platformTag: string;
  /** For people: where it was found. */
  place: string;
}

const QUESTION = `
import sys, json, sysconfig
flags = getattr(sys, 'abiflags', '')
if sysconfig.get_config_var('Py_GIL_DISABLED') and 't' not in flags: flags = 't' + flags
tag = sysconfig.get_platform().replace('-', '_').replace('.', '_')
print('${MARK}' + json.dumps({'executable': sys.executable, 'implementation': sys.implementation.name, 'version': sys.version.split()[0],
  'series': '%d.%d' % sys.version_info[:2], 'abiFlags': flags, 'platformTag': tag}))
`;

export interface QueryPorts {
  processes: Processes;
  environment: Readonly<Record<string, string>>;
}

/** Asks a candidate; `WHEEL_PYTHON_QUERY` when it does not answer as a Python does. `folder`: shims read `.python-version` there. */
export async function queryPython(executable: string, place: string, folder: string, ports: QueryPorts): Promise<Interpreter> {
  const refuse = (reason: string): Error => pythonErrors.error('WHEEL_PYTHON_QUERY', { executable, reason });
  const args = ['-I', '-S', '-B', '-c', QUESTION];
  const result = await ports.processes
    .run({ file: executable, args, cwd: folder, env: ports.environment, timeoutMs: TIMEOUT_MS })
    .catch((cause: { code?: string; message?: string }) => {
      if (cause.code !== 'PROCESS_START') throw cause;
      throw refuse(cause.message ?? 'it could not be started');
    });
  const answer = result.stdout.split('\n').find((line) => line.startsWith(MARK));
  if (result.exitCode === 0 && answer !== undefined) return { ...(JSON.parse(answer.slice(MARK.length)) as Omit<Interpreter, 'place'>), place };
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').at(-1)?.slice(0, 300);
  throw refuse(result.timedOut ? 'it did not answer' : said ? said : `it ended with ${result.signal ?? `exit code ${result.exitCode}`}`);
}
