import type { CarriedLibrary } from '@waybill/artifacts';
import { ZIG, withFileLock, type ResolvedTool } from '@waybill/core';
import { launcherBinary, renderHookFiles, renderLauncherFiles, type CarriedPart, type LauncherConfig, type LauncherFile } from '@waybill/launcher';
import type { StageContext } from '@waybill/plugin-kit';
import { existsSync } from 'node:fs';
import { chmod, copyFile, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path/posix';
import type { RuntimeInPlace } from '../../../runtime';
import { PYTHON_APP, type PackageDistOptions } from '../options';
import type { PackagePlan } from '../plan';
import { VENDOR } from './bundle-places';

export interface PlaceLauncherRequest {
  context: StageContext<PackageDistOptions>;
  plan: PackagePlan;
  /** Absolute. */
  root: string;
  prepared: RuntimeInPlace;
  /** Everything that the bundle carries, the runtime's part included. */
  carried: readonly CarriedLibrary[];
  /** Below this glibc the bundle runs nowhere. */
  glibc?: string;
}

const CERTIFICATES = `${VENDOR}/certifi/cacert.pem`;

/** What the launcher is told of its bundle. */
export function launcherConfig({ context, plan, root, prepared, carried, glibc }: PlaceLauncherRequest): LauncherConfig {
  const { platform, entry } = plan.facts;
  const environment = context.options.launcherEnv;
  return {
    behaviour: plan.kind === 'embedded-app' ? 'become' : 'supervise',
    appName: plan.launcher ?? context.name,
    program: plan.program ?? prepared.python,
    pythonHome: prepared.home,
    python: prepared.python,
    arguments: entry === undefined ? [] : ['-I', '-X', 'utf8', ...('module' in entry ? ['-m', entry.module] : [`{bundle}/${entry.script}`])],
    platform,
    ...(glibc === undefined || platform.endsWith('-musl') ? {} : { glibc }),
    ...(Object.keys(environment).length === 0 ? {} : { environment }),
    carries: carriedParts(carried),
    ...(existsSync(join(root, CERTIFICATES)) ? { certificates: CERTIFICATES } : {}),
  };
}

/** Parts that have paths of their own build machine baked in and are told better ones by the launcher. */
function carriedParts(carried: readonly CarriedLibrary[]): CarriedPart[] {
  const names = carried.map(({ name, path }) => `${name} ${path}`.toLowerCase());
  const openssl = names.some((name) => /openssl|libssl|libcrypto/.test(name));
  const ncurses = names.some((name) => /ncurses|libtinfo|terminfo/.test(name));
  return [...(openssl ? (['openssl'] as const) : []), ...(ncurses ? (['ncurses'] as const) : [])];
}

/** Places the launcher, its settings, and the start hook that puts the application's folders on `sys.path`. */
export async function placeLauncher(request: PlaceLauncherRequest): Promise<void> {
  const { context, root, prepared, plan } = request;
  const { launcher } = context.options;
  const files = launcher === 'none' ? [] : renderLauncherFiles(launcherConfig(request), launcher);
  for (const file of [...files, ...renderHookFiles(prepared.sitePackages), ...searchPathFile(plan, prepared, root)]) await placeFile(file, request);
}

/** The application's own folder joins `sys.path` as vendor does: by a `.pth` with a relative path, read by the runtime's own `site`. */
function searchPathFile(plan: PackagePlan, { sitePackages }: RuntimeInPlace, root: string): LauncherFile[] {
  const { entry } = plan.facts;
  const script = entry !== undefined && 'script' in entry ? [dirname(entry.script)] : [];
  const folders = [...new Set([...script, PYTHON_APP])].filter((folder) => existsSync(join(root, folder)));
  if (folders.length === 0) return [];
  return [
    { path: `${sitePackages}/_waybill_app.pth`, mode: 0o644, content: folders.map((folder) => `${relative(sitePackages, folder)}\n`).join('') },
  ];
}

async function placeFile(file: LauncherFile, { context, root }: PlaceLauncherRequest): Promise<void> {
  const target = join(root, file.path);
  await mkdir(dirname(target), { recursive: true });
  if (typeof file.content === 'string') await writeFile(target, file.content);
  else await copyFile(await nativeLauncher(file.content.asset, context), target);
  await chmod(target, file.mode);
}

/** The launcher of a platform: prebuilt, from the cache, or built now by zig, which is looked for only then. */
function nativeLauncher(platform: string, { tools, processes, toolEnvironment, workspaceRoot }: StageContext<PackageDistOptions>): Promise<string> {
  const { XDG_CACHE_HOME: cache, HOME: home } = toolEnvironment;
  const folder = cache ?? (home === undefined ? join(workspaceRoot, 'node_modules/.cache') : join(home, '.cache'));
  const zig = (): Promise<ResolvedTool> => tools.resolve(ZIG);
  const cacheFolder = join(folder, 'waybill/launchers');
  const zigVersion = (): Promise<string> => tools.versionOf(ZIG);
  return launcherBinary({ platform, zig, zigVersion, processes, withFileLock, environment: toolEnvironment, cacheFolder });
}
