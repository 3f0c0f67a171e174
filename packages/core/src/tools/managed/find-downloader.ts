import { resolve } from 'node:path';
import { cleanEnvironment } from '../../processes/clean-environment';
import type { Processes } from '../../processes/process-port';
import { WaybillError } from '../../errors/waybill-error';
import { findOnPath } from '../find-on-path';

const TIMEOUT_MS = 30_000;

type Variables = Readonly<Record<string, string | undefined>>;

/** A package tool of the machine. Its own settings (index, proxy, certificates, credentials) apply: Waybill knows no address. */
export interface Downloader {
  kind: 'pip' | 'uv';
  /** For people: `/usr/bin/python3 -m pip`. */
  name: string;
  path: string;
  prefixArgs: readonly string[];
  /** The Python that uv works with. */
  python?: string;
}

/** Says whether pip can be imported and where wheels of pip lie that come with Python or the system (Debian takes both apart). */
const QUESTION = `
import glob, importlib.util, json, os, sys, sysconfig
folders = [sysconfig.get_config_var('WHEEL_PKG_DIR'), '/usr/share/python-wheels']
spec = importlib.util.find_spec('ensurepip')
if spec and spec.origin: folders.insert(0, os.path.join(os.path.dirname(spec.origin), '_bundled'))
wheels = [w for f in folders if f for w in sorted(glob.glob(os.path.join(f, 'pip-*.whl')))]
print(json.dumps({'version': '%d.%d' % sys.version_info[:2], 'pip': importlib.util.find_spec('pip') is not None, 'wheel': wheels[0] if wheels else None}))
`;

interface PythonFacts {
  version: string;
  pip: boolean;
  wheel: string | null;
}

/**
 * The first that is there: the Python that `WAYBILL_PYTHON` names (and then no other), `python3`, `python`, each with its own pip or with
 * the wheel of pip that ensurepip carries, run from the wheel without installing it; then uv. Else what was looked at.
 */
export async function findDownloader(processes: Processes, variables: Variables): Promise<{ found?: Downloader; looked: readonly string[] }> {
  const looked: string[] = [];
  const pythons: string[] = [];
  for (const [label, path] of candidates(variables)) {
    if (path === undefined) {
      looked.push(`\`${label}\` is not on PATH`);
      continue;
    }
    const facts = await askPython(processes, path, variables);
    if (typeof facts === 'string') {
      looked.push(`\`${path}\`: ${facts}`);
      continue;
    }
    pythons.push(path);
    if (facts.pip) return { found: { kind: 'pip', name: `${path} -m pip`, path, prefixArgs: ['-m', 'pip'] }, looked };
    if (facts.wheel !== null) return { found: { kind: 'pip', name: `${path} ${facts.wheel}/pip`, path, prefixArgs: [`${facts.wheel}/pip`] }, looked };
    looked.push(`\`${path}\` (${facts.version}) has neither pip nor ensurepip`);
  }
  const uv = variables['WAYBILL_UV'] || findOnPath('uv', variables);
  if (uv === undefined) looked.push('`uv` is not on PATH');
  if (uv === undefined || pythons[0] === undefined) return { looked };
  return { found: { kind: 'uv', name: uv, path: uv, prefixArgs: [], python: pythons[0] }, looked };
}

function candidates(variables: Variables): [string, string | undefined][] {
  const named = variables['WAYBILL_PYTHON'];
  if (named) return [[named, /[\\/]/.test(named) ? resolve(named) : findOnPath(named, variables)]];
  return ['python3', 'python'].map((name) => [name, findOnPath(name, variables)]);
}

async function askPython(processes: Processes, path: string, variables: Variables): Promise<PythonFacts | string> {
  try {
    const result = await processes.run({ file: path, args: ['-c', QUESTION], env: cleanEnvironment(variables, []), timeoutMs: TIMEOUT_MS });
    if (result.exitCode === 0) return JSON.parse(result.stdout.trim().split('\n').at(-1) ?? '') as PythonFacts;
    return `does not run as Python: ${(result.stderr.trim() || result.stdout.trim()).split('\n').at(-1) ?? ''}`;
  } catch (cause) {
    if (cause instanceof WaybillError) return cause.message;
    if ((cause as Error).name === 'SyntaxError') return 'does not answer as Python';
    throw cause;
  }
}
