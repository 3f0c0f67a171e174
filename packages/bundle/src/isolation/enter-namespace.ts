import { join } from 'node:path';
import type { Processes } from '@waybill/core';
import type { BuiltRoot } from './build-root';
import { closedStreams, straceArgs, withSignal } from './start-inside';
import type { Place, Sandbox, SandboxRequest, SandboxResult } from './sandbox';

/** uid and gid of the stranger: not in any passwd. */
export const STRANGER = 12345;
const DEFAULT_TIMEOUT_MS = 60_000;

/** Programs of util-linux that enter a namespace, by absolute path, and strace when there is one. */
export interface NamespacePrograms {
  unshare: string;
  mount: string;
  sh: string;
  strace?: string;
}

export interface NamespaceOptions {
  tier: 'root-namespace' | 'user-namespace';
  profile: 'host' | 'bare';
  root: BuiltRoot;
  places: readonly Place[];
  programs: NamespacePrograms;
  processes: Processes;
  /** Without network: a network namespace in which not even loopback is up. */
  network: boolean;
}

/**
 * A mount and process namespace of its own for every run: mounts, enters the root and starts the program, in about 10 ms. As root the
 * program runs as `STRANGER`; in a user namespace it is root there, which is the ordinary user outside.
 */
export function namespaceSandbox(options: NamespaceOptions): Sandbox {
  return {
    tier: options.tier,
    profile: options.profile,
    rootFolder: options.root.folder,
    uid: options.tier === 'root-namespace' ? String(STRANGER) : '0 in a user namespace',
    locate: (path) => path,
    place: async (id) => placePath(options.places, id),
    run: (request) => run(options, request),
    close: async () => undefined,
  };
}

async function run(options: NamespaceOptions, request: SandboxRequest): Promise<SandboxResult> {
  const argv = namespaceArgv(options, request);
  const result = await options.processes.run({
    file: argv[0]!,
    args: argv.slice(1),
    cwd: '/',
    env: request.env,
    timeoutMs: request.timeoutMs ?? DEFAULT_TIMEOUT_MS,
    ...(request.input !== undefined && { input: request.input }),
  });
  return withSignal(result);
}

/**
 * The whole command line; every program in it is an absolute path, because the environment is the probe's. strace stands in front: behind
 * the new process namespace it would look up descriptors in the wrong /proc.
 */
export function namespaceArgv(
  { tier, programs, root, network }: Omit<NamespaceOptions, 'processes' | 'profile' | 'places'>,
  request: SandboxRequest,
): string[] {
  const spaces = [
    '--mount',
    '--pid',
    '--fork',
    '--kill-child',
    ...(network ? [] : ['--net']),
    ...(tier === 'user-namespace' ? ['--user', '--map-root-user'] : []),
  ];
  const stranger = tier === 'root-namespace' && request.identity !== 'owner';
  const enter = [
    programs.unshare,
    `--root=${root.folder}`,
    `--wd=${request.cwd ?? '/'}`,
    ...(stranger ? [`--setgid=${STRANGER}`, `--setuid=${STRANGER}`] : []),
  ];
  const script = [programs.sh, join(__dirname, 'enter-root.sh'), programs.mount, root.fstab, request.umask ?? '022', closedStreams(request)];
  const trace = request.traceTo !== undefined && programs.strace !== undefined ? straceArgs(programs.strace, request.traceTo) : [];
  return [...trace, programs.unshare, ...spaces, ...script, ...enter, ...request.argv];
}

export function placePath(places: readonly Place[], id: string): string {
  const place = places.find((candidate) => candidate.id === id);
  if (!place) throw new Error(`no place \`${id}\``);
  return place.path;
}
