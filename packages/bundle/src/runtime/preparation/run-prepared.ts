import { join } from 'node:path';
import { bundleErrors } from '../../errors/bundle-errors';
import { timeoutOf } from '../runtime-ports';
import type { RuntimeFacts, RuntimePorts } from '../runtime-facts';

/** Nothing of the caller but what a program needs to start: no variable of Python, no search path of the loader. */
export function bareEnvironment(ports: RuntimePorts): Record<string, string> {
  const { PATH = '/usr/bin:/bin', TMPDIR } = ports.environment;
  return { PATH, LC_ALL: 'C.UTF-8', TZ: 'UTC', PYTHONHASHSEED: '0', ...(TMPDIR && { TMPDIR }) };
}

const SELF_TEST = `
import sys, os, json
maps = []
if os.path.exists('/proc/self/maps'):
    with open('/proc/self/maps') as lines:
        maps = sorted({line.split(None, 5)[5].strip() for line in lines if 'libpython' in line})
sys.stdout.write('waybill:' + json.dumps({'version': sys.version.split()[0], 'prefix': sys.prefix, 'stdlib': os.path.dirname(os.__file__), 'libpython': maps}) + '\\n')
`;

interface SelfTest {
  version: string;
  prefix: string;
  stdlib: string;
  libpython: string[];
}

function expectEqual(check: string, expected: string, actual: string): void {
  if (expected !== actual) throw bundleErrors.error('BUNDLE_RUNTIME_BROKEN', { check, expected, actual });
}

/**
 * Starts the runtime where it now stands and compares what it says with what it must be: `sys.version` (trap T41), `sys.prefix`,
 * its library, the libpython that is mapped (trap T1). Throws `BUNDLE_RUNTIME_BROKEN`.
 */
export async function testPreparedRuntime(root: string, python: string, runtime: RuntimeFacts, ports: RuntimePorts): Promise<void> {
  const result = await ports.processes.run({
    file: join(root, python),
    args: ['-I', '-B', '-c', SELF_TEST],
    cwd: '/',
    env: bareEnvironment(ports),
    timeoutMs: timeoutOf(ports),
  });
  const line = result.stdout.split('\n').find((text) => text.startsWith('waybill:'));
  if (result.exitCode !== 0 || !line)
    expectEqual('it does not start', 'exit code 0', `${result.signal ?? `exit code ${result.exitCode}`}: ${result.stderr.trim().slice(-2000)}`);
  const told = JSON.parse((line ?? '').slice('waybill:'.length)) as SelfTest;
  const home = join(root, 'python/runtime');
  expectEqual('version', runtime.version, told.version);
  expectEqual('sys.prefix', 'python/runtime', told.prefix === home ? 'python/runtime' : told.prefix);
  expectEqual('standard library', 'inside', told.stdlib.startsWith(`${home}/`) ? 'inside' : told.stdlib);
  for (const mapped of told.libpython) expectEqual('libpython', 'inside', mapped.startsWith(`${home}/`) ? 'inside' : mapped);
}
