import { bundleErrors } from '../errors/bundle-errors';
import { describeHome } from './providers/describe-home';
import { describeInterpreter } from './providers/describe-interpreter';
import { findInterpreter } from './providers/find-interpreter';
import { findUvRuntime } from './providers/find-uv-runtime';
import { queryInterpreter } from './providers/query-interpreter';
import type { RuntimeFacts, RuntimePorts, RuntimeProvider, RuntimeRequest } from './runtime-facts';
import { unpackRuntimeArchive } from './providers/unpack-archive';
import { versionFits } from './providers/version-request';

type Provider = (request: RuntimeRequest, ports: RuntimePorts) => Promise<RuntimeFacts>;

const PROVIDERS: Readonly<Record<RuntimeProvider, Provider>> = {
  interpreter: async (request, ports) => {
    refuseArchiveOptions(request);
    const { answer } = await findInterpreter(request, ports);
    return describeInterpreter(answer, 'interpreter', request);
  },
  archive: async (request, ports) => {
    const { folder, ...label } = await unpackRuntimeArchive(request, ports);
    return describeHome(folder, label, request);
  },
  uv: async (request, ports) => {
    refuseArchiveOptions(request);
    const executable = await findUvRuntime(request, ports);
    return describeInterpreter(await queryInterpreter(executable, request.projectRoot, ports), 'uv', request);
  },
};

function refuseArchiveOptions(request: RuntimeRequest): void {
  const strange = (['url', 'sha256'] as const).find((key) => request[key]);
  if (strange) throw bundleErrors.error('OPTION_RUNTIME_SOURCE', { provider: request.provider, reason: `has no use for \`${strange}\`` });
}

/** The request with what the variables hold that it names. An unset one is a fault only when nothing else says where the archive is. */
export function withVariables(request: RuntimeRequest, ports: RuntimePorts): RuntimeRequest {
  const { urlEnv, sha256Env, ...rest } = request;
  const url = urlEnv === undefined ? undefined : ports.variables?.[urlEnv];
  const sha256 = sha256Env === undefined ? undefined : ports.variables?.[sha256Env];
  if (urlEnv !== undefined && !url && !rest.url && !rest.path)
    throw bundleErrors.error('OPTION_RUNTIME_VARIABLE', { option: 'runtime.urlEnv', variable: urlEnv });
  if (url && !sha256 && !rest.sha256 && sha256Env !== undefined)
    throw bundleErrors.error('OPTION_RUNTIME_VARIABLE', { option: 'runtime.sha256Env', variable: sha256Env });
  return { ...rest, ...(url && { url }), ...(sha256 && { sha256 }) };
}

/**
 * Finds the Python of a bundle and says what it is. Reads only, but for archives, which are unpacked into the cache folder by
 * digest, and `uv`, which may install. Every failure is a coded error (`OPTION_RUNTIME_*`, `BUNDLE_RUNTIME_*`, `BUNDLE_LIBPYTHON_*`).
 */
export async function resolveRuntime(request: RuntimeRequest, ports: RuntimePorts): Promise<RuntimeFacts> {
  if (request.version) versionFits('3.0.0', request.version);
  return PROVIDERS[request.provider](withVariables(request, ports), ports);
}
