import { runTool, UV, type ResolvedTool } from '@waybill/core';
import { bundleErrors } from '../../errors/bundle-errors';
import { timeoutOf } from '../runtime-ports';
import type { RuntimePorts, RuntimeRequest } from '../runtime-facts';

interface UvAnswer {
  executable?: string;
  output: string;
}

async function find(uv: ResolvedTool, request: RuntimeRequest, ports: RuntimePorts): Promise<UvAnswer> {
  const args = [
    ...uv.prefixArgs,
    'python',
    'find',
    '--python-preference',
    'only-managed',
    '--no-python-downloads',
    ...(request.version ? [request.version] : []),
  ];
  const result = await ports.processes.run({ file: uv.path, args, cwd: request.projectRoot, env: ports.environment, timeoutMs: timeoutOf(ports) });
  const executable = result.stdout.trim().split('\n').at(-1);
  return result.exitCode === 0 && executable ? { executable, output: '' } : { output: (result.stderr || result.stdout).trim() };
}

/**
 * The executable of a Python that uv manages; installed when it is not there yet (uv honours `UV_PYTHON_INSTALL_MIRROR` when the
 * environment given has it). Without a version uv takes it from `.python-version`. Throws `BUNDLE_UV`.
 */
export async function findUvRuntime(request: RuntimeRequest, ports: RuntimePorts): Promise<string> {
  const uv = await ports.tools.resolve(UV);
  const present = await find(uv, request, ports);
  if (present.executable) return present.executable;
  const args = ['python', 'install', ...(request.version ? [request.version] : [])];
  ports.progress?.line(`installing Python ${request.version ?? ''} by uv`.replace('  ', ' '));
  const command = `uv ${args.join(' ')}`;
  // Without this uv links the Python into a folder on the user’s PATH, which packaging has no business in.
  const env = { ...ports.environment, UV_PYTHON_INSTALL_BIN: '0' };
  await runTool(ports.processes, uv, args, { env, cwd: request.projectRoot, timeoutMs: timeoutOf(ports) * 5 }).catch((cause: unknown) => {
    throw bundleErrors.error('BUNDLE_UV', { command, output: outputOf(cause) }, { cause });
  });
  const installed = await find(uv, request, ports);
  if (installed.executable) return installed.executable;
  throw bundleErrors.error('BUNDLE_UV', { command, output: installed.output });
}

const outputOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause);
  const details = 'details' in cause && Array.isArray(cause.details) ? cause.details.join('\n') : '';
  return [cause.message, details].filter(Boolean).join('\n');
};
