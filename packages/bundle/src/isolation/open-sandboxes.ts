import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Processes } from '@waybill/core';
import { buildRoot } from './build-root';
import { namespaceSandbox } from './enter-namespace';
import { wrappedSandbox } from './enter-wrapped';
import { findLibc, findLibraries, findShell, type LibcSource } from './find-libc';
import { findProgram } from './find-program';
import type { HiddenPlace } from './hidden-places';
import { tiersFor, type IsolationClass, type Tier } from './isolation-tier';
import { plainSandbox } from './plain-sandbox';
import { renameAside } from './rename-aside';
import { planBareRoot, planHostRoot, type RootFrame } from './plan-root';
import { proveHidden, type HidingProof } from './prove-hidden';
import type { RootPlan } from './root-plan';
import type { Place, Sandbox } from './sandbox';

export interface OpenRequest {
  isolation: 'strongest' | IsolationClass;
  platform: string;
  bundleRoot: string;
  places: readonly Place[];
  hidden: readonly HiddenPlace[];
  /** Absolute folder with the scripts that run inside. */
  assetsFolder: string;
  /** Absolute, empty, on a file system that allows execution. */
  workFolder: string;
  extras: Readonly<Record<string, string>>;
  emptyFiles?: readonly string[];
  links?: readonly { path: string; target: string }[];
  processes: Processes;
  environment: Readonly<Record<string, string | undefined>>;
  isRoot: boolean;
}

export interface Sandboxes {
  host: Sandbox;
  hiding: HidingProof;
  /** Tiers that were tried before, with what was in the way. */
  refused: readonly { tier: Tier; reason: string }[];
  strace?: string;
  /** A root with nothing but a C library: that of the machine, or of an unpacked package. */
  openBare(source?: LibcSource): Promise<Sandbox | string>;
  close(): Promise<void>;
}

interface Tools {
  unshare: string | undefined;
  mount: string | undefined;
  bwrap: string | undefined;
  proot: string | undefined;
  strace: string | undefined;
  sh: string;
}

/** Opens the strongest tier that works here and proves that it hides what it must. */
export async function openSandboxes(request: OpenRequest): Promise<Sandboxes> {
  const tools = await findTools(request.environment);
  const frame = await prepareFrame(request);
  const masks = await prepareMasks(request.workFolder);
  const hostPlan = await planHostRoot(frame, request.hidden, masks);
  const refused: { tier: Tier; reason: string }[] = [];
  for (const tier of tiersFor(request.isolation)) {
    const obstacle = obstacleOf(tier, tools, request.isRoot);
    if (obstacle !== undefined) {
      refused.push({ tier, reason: obstacle });
      continue;
    }
    const open = rootOpener(tier, tools, request);
    const host = open ? await open('host', hostPlan, true) : await openPlain(tier as 'rename' | 'copy', tools, request, frame);
    if (typeof host === 'string') {
      refused.push({ tier, reason: host });
      continue;
    }
    const hiding = await proveHidden(host, request.hidden, { sh: tools.sh, ...(open ? {} : { assets: request.assetsFolder }) });
    if (!hiding.works) {
      refused.push({ tier, reason: hiding.reason ?? 'it does not start' });
      await host.close();
      continue;
    }
    const openBare = async (source: LibcSource = {}): Promise<Sandbox | string> => {
      if (!open) return `tier \`${tier}\` has no root of its own`;
      const libc = await findLibc(request.platform, source.root);
      if (!libc) return `no C library for \`${request.platform}\` was found`;
      const shell = source.withShell ? await findShell(request.platform) : [];
      const libraries = await findLibraries(request.platform, source.libraries ?? []);
      const files = new Map([...libc.files, ...shell, ...libraries].map((file) => [file.path, file]));
      return open('bare', planBareRoot(frame, { files: [...files.values()] }), false);
    };
    return {
      host,
      hiding,
      refused,
      openBare,
      close: () => host.close(),
      ...(tools.strace !== undefined && tier !== 'proot' && { strace: tools.strace }),
    };
  }
  throw new NoTier(refused);
}

/** No tier that was asked for works here. */
export class NoTier extends Error {
  constructor(readonly refused: readonly { tier: Tier; reason: string }[]) {
    super('no tier of isolation works');
  }
}

function obstacleOf(tier: Tier, tools: Tools, isRoot: boolean): string | undefined {
  if (tier === 'root-namespace' && !isRoot) return 'not root';
  if (tier === 'user-namespace' && isRoot) return 'root has no need of it';
  if (tier.endsWith('namespace') && (tools.unshare === undefined || tools.mount === undefined))
    return '`unshare` and `mount` (util-linux) are not installed';
  if (tier === 'bubblewrap' && tools.bwrap === undefined) return '`bwrap` (bubblewrap) is not installed';
  return tier === 'proot' && tools.proot === undefined ? '`proot` is not installed' : undefined;
}

type RootOpener = (profile: 'host' | 'bare', plan: RootPlan, network: boolean) => Promise<Sandbox>;

let counter = 0;

function rootOpener(tier: Tier, tools: Tools, { workFolder, places, processes }: OpenRequest): RootOpener | undefined {
  if (tier === 'rename' || tier === 'copy') return undefined;
  return async (profile, plan, network) => {
    counter += 1;
    const root = await buildRoot(join(workFolder, `root-${profile}-${counter}`), plan);
    const { sh, strace } = tools;
    const traced = strace === undefined ? {} : { strace };
    if (tier === 'bubblewrap' || tier === 'proot') {
      return wrappedSandbox({
        tier,
        program: tools[tier === 'bubblewrap' ? 'bwrap' : 'proot']!,
        sh,
        ...traced,
        profile,
        root,
        places,
        processes,
        network,
      });
    }
    return namespaceSandbox({
      tier,
      profile,
      root,
      places,
      processes,
      network,
      programs: { unshare: tools.unshare!, mount: tools.mount!, sh, ...traced },
    });
  };
}

/** The sandbox, or why what must be renamed cannot be. */
async function openPlain(tier: 'rename' | 'copy', tools: Tools, request: OpenRequest, frame: RootFrame): Promise<Sandbox | string> {
  const { workFolder, bundleRoot, processes, isRoot, hidden } = request;
  const aside = hidden.filter(
    ({ path, why }) =>
      (why === 'prefix' || why === 'asked for') && ![process.execPath, workFolder, bundleRoot].some((used) => used.startsWith(`${path}/`)),
  );
  const restore = tier === 'rename' ? await renameAside(aside) : async () => undefined;
  if (typeof restore === 'string') return restore;
  const folder = join(workFolder, 'places');
  const { sh, strace } = tools;
  return plainSandbox({ tier, folder, frame, processes, sh, isRoot, restore, ...(strace !== undefined && { strace }) });
}

async function prepareFrame({ bundleRoot, places, assetsFolder, workFolder, extras, emptyFiles = [], links = [] }: OpenRequest): Promise<RootFrame> {
  const temporaryFolder = join(workFolder, 'tmp');
  const homeFolder = join(workFolder, 'home');
  for (const folder of [temporaryFolder, homeFolder]) {
    await mkdir(folder, { recursive: true });
    await chmod(folder, 0o1777);
  }
  return { bundleRoot, places, assetsFolder, temporaryFolder, homeFolder, extras, emptyFiles, links };
}

async function prepareMasks(workFolder: string): Promise<{ emptyFolder: string; lockedFile: string }> {
  const emptyFolder = join(workFolder, 'empty');
  const lockedFile = join(workFolder, 'locked');
  await mkdir(emptyFolder);
  await writeFile(lockedFile, '', { mode: 0o000 });
  return { emptyFolder, lockedFile };
}

async function findTools(environment: Readonly<Record<string, string | undefined>>): Promise<Tools> {
  const names = ['unshare', 'mount', 'bwrap', 'proot', 'strace'] as const;
  const [unshare, mount, bwrap, proot, strace] = await Promise.all(names.map((name) => findProgram(name, environment)));
  return { unshare, mount, bwrap, proot, strace, sh: '/bin/sh' };
}
