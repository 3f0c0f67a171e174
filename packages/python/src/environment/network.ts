import type { Processes } from '@waybill/core';

/**
 * How a build is kept from the network, strongest first: a network namespace without any interface, of root or of a user; or proxies that
 * lead nowhere, which programs may ignore.
 */
export type NetworkTier = 'namespace' | 'user-namespace' | 'proxy';
export type Network = 'open' | NetworkTier;

const PROBE_TIMEOUT_MS = 10_000;
/** Discard: nothing listens there, and no user program may. */
const NOWHERE = 'http://127.0.0.1:9';

export const TIER_TEXTS: Readonly<Record<NetworkTier, string>> = {
  namespace: 'none (a network namespace without interfaces)',
  'user-namespace': 'none (a network namespace without interfaces, of the user)',
  proxy: 'none for programs that heed proxy variables (this system has no network namespaces)',
};

/** The strongest tier of this machine. */
export async function closedTier(processes: Processes, env: Readonly<Record<string, string>>, system: string): Promise<NetworkTier> {
  if (system !== 'linux') return 'proxy';
  for (const tier of ['namespace', 'user-namespace'] as const) {
    const [file, ...args] = enterNamespace(tier);
    const probe = await processes
      .run({ file: file!, args: [...args, 'true'], env, timeoutMs: PROBE_TIMEOUT_MS })
      .catch((cause: { code?: string }) => {
        if (cause.code !== 'PROCESS_START') throw cause;
        return { exitCode: 127 };
      });
    if (probe.exitCode === 0) return tier;
  }
  return 'proxy';
}

/** Words before a command that is to run without network; none for the other tiers. */
export function enterNamespace(network: Network): readonly string[] {
  if (network === 'namespace') return ['unshare', '--net', '--'];
  if (network === 'user-namespace') return ['unshare', '--map-current-user', '--net', '--'];
  return [];
}

/** Variables of a build without network, whatever the tier: an attempt fails at once and says so. */
export function closedVariables(network: Network): Readonly<Record<string, string>> {
  if (network === 'open') return {};
  const proxies = ['HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY'].flatMap((name) => [name, name.toLowerCase()]).map((name) => [name, NOWHERE]);
  return {
    ...Object.fromEntries(proxies),
    NO_PROXY: '',
    no_proxy: '',
    UV_OFFLINE: '1',
    CARGO_NET_OFFLINE: 'true',
    PIP_NO_INDEX: '1',
    PIP_RETRIES: '0',
  };
}

/**
 * How often programs in a namespace without interfaces sent something that had no way out (RFC 2011, `ipOutNoRoutes`), from what Linux has in
 * `/proc/net/snmp` and `snmp6`: 0 when nothing tried the network, whatever became of the error; undefined where the system shows no such counters.
 */
export function attemptsIn(counters: string): number | undefined {
  const [names = [], values = []] = [...counters.matchAll(/^Ip: (.*)$/gm)].map(([, words]) => words!.split(' '));
  if (values.length === 0) return undefined;
  const six = /^Ip6OutNoRoutes\s+(\d+)$/m.exec(counters)?.[1];
  return Number(values[names.indexOf('OutNoRoutes')] ?? 0) + Number(six ?? 0);
}

/** What programs print when the network is not there. */
const ATTEMPTS: readonly RegExp[] = [
  /Network is unreachable/i,
  /Temporary failure in name resolution|Name or service not known|getaddrinfo|Could not resolve host|failed to lookup address/i,
  /ProxyError|Cannot connect to proxy|proxy.*127\.0\.0\.1:9|127\.0\.0\.1:9\b.*refused|127\.0\.0\.1 port 9|Connection refused|ECONNREFUSED/i,
  /Network connectivity is disabled|can't checkout from .* offline|attempting to make an HTTP request, but --offline was specified/i,
  /No matching distribution found|not found in the (?:cache|provided package locations)|no versions of .* available|Could not find a version that satisfies/i,
];

/** The first line of a failed build's output that tells of an attempt to reach the network, or of a package that only the network has. */
export function attemptIn(output: string): string | undefined {
  return output
    .split(/\r?\n/)
    .find((line) => ATTEMPTS.some((pattern) => pattern.test(line)))
    ?.trim();
}

const FRAME = /^\s*File "([^"]+)", line (\d+), in .*\n\s*(?!File ")(\S.*)$/gm;
/** Frames of Python itself and of what calls backends say nothing about who wanted the network. */
const NOT_THE_CALLER =
  /[\\/]lib[\\/]python3\.\d+[\\/](?!site-packages)|[\\/]Lib[\\/](?!site-packages)|[\\/](?:pyproject_hooks|build|pip)[\\/]|^<(?!string)/;

/** Who made the last attempt that a Python traceback tells of: `setup.py line 3: urlretrieve(URL)`. */
export function callerIn(output: string): string | undefined {
  const frames = [...output.matchAll(FRAME)].filter(([, file]) => !NOT_THE_CALLER.test(file!));
  const [, file, line, code] = frames.at(-1) ?? [];
  return file === undefined ? undefined : `\`${file.split(/[\\/]/).at(-1)!}\` line ${line!}: \`${code!.trim()}\``;
}
