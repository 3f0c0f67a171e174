import { join } from 'node:path';
import type { Processes } from '@waybill/core';
import type { BuiltRoot } from './build-root';
import { placePath, STRANGER } from './enter-namespace';
import { renderBubblewrap, renderProot } from './root-plan';
import type { Place, Sandbox, SandboxRequest } from './sandbox';
import { closedStreams, straceArgs, withSignal } from './start-inside';

const DEFAULT_TIMEOUT_MS = 60_000;

export interface WrappedOptions {
  tier: 'bubblewrap' | 'proot';
  /** Absolute path of `bwrap` or `proot`. */
  program: string;
  sh: string;
  strace?: string;
  profile: 'host' | 'bare';
  root: BuiltRoot;
  places: readonly Place[];
  processes: Processes;
  network: boolean;
}

/** The same root, entered by bubblewrap (where user namespaces are forbidden but for it) or by proot (where there are none). */
export function wrappedSandbox(options: WrappedOptions): Sandbox {
  return {
    tier: options.tier,
    profile: options.profile,
    rootFolder: options.root.folder,
    uid: options.tier === 'bubblewrap' ? String(STRANGER) : 'the user who runs the proof',
    locate: (path) => path,
    place: async (id) => placePath(options.places, id),
    close: async () => undefined,
    async run(request) {
      const argv = wrappedArgv(options, request);
      const { env, input, timeoutMs = DEFAULT_TIMEOUT_MS } = request;
      return withSignal(
        await options.processes.run({ file: argv[0]!, args: argv.slice(1), cwd: '/', env, timeoutMs, ...(input !== undefined && { input }) }),
      );
    },
  };
}

/** `with-streams.sh` sets umask and closes streams; strace cannot look into proot, which is a tracer itself. */
export function wrappedArgv(options: Omit<WrappedOptions, 'processes' | 'places' | 'profile'>, request: SandboxRequest): string[] {
  const { tier, program, root, strace, sh } = options;
  const streams = [sh, join(__dirname, 'with-streams.sh'), request.umask ?? '022', closedStreams(request)];
  if (tier === 'proot') return [...streams, program, ...renderProot(root.folder, root.plan.mounts), '-w', request.cwd ?? '/', ...request.argv];
  const trace = request.traceTo !== undefined && strace !== undefined ? straceArgs(strace, request.traceTo) : [];
  const stranger = request.identity === 'owner' ? [] : ['--uid', String(STRANGER), '--gid', String(STRANGER)];
  const spaces = [
    '--unshare-user',
    '--unshare-pid',
    '--unshare-ipc',
    ...(options.network ? [] : ['--unshare-net']),
    '--die-with-parent',
    ...stranger,
  ];
  return [
    ...streams,
    ...trace,
    program,
    ...renderBubblewrap(root.folder, root.plan.mounts),
    ...spaces,
    '--chdir',
    request.cwd ?? '/',
    '--',
    ...request.argv,
  ];
}
