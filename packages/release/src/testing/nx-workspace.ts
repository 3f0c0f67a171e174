import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const REPOSITORY = join(__dirname, '../../../..');
const PACKAGES = ['core', 'artifacts', 'plugin-kit', 'signatures', 'release'];

export interface NxRun {
  exitCode: number | null;
  output: string;
  /** `project:target` of tasks whose output came from the cache. */
  hits: readonly string[];
}

/** A workspace of its own with a small plugin, in which the real Nx runs. */
export interface NxWorkspace {
  root: string;
  write(files: Readonly<Record<string, string | object>>): void;
  read(path: string): string;
  exists(path: string): boolean;
  remove(path: string): void;
  nx(args: readonly string[], variables?: Readonly<Record<string, string>>): Promise<NxRun>;
  close(): Promise<void>;
}

/** Builds the packages that the workspace uses; their own errors are for the type check to report. */
export async function buildPackages(): Promise<void> {
  await start(
    process.execPath,
    [join(REPOSITORY, 'node_modules/typescript/bin/tsc'), '-b', ...PACKAGES.map((name) => `packages/${name}/tsconfig.build.json`)],
    REPOSITORY,
    process.env,
  );
}

export function createNxWorkspace(files: Readonly<Record<string, string | object>>, daemon: boolean): NxWorkspace {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'waybill-nx-')));
  linkModules(root);
  const workspace: NxWorkspace = {
    root,
    write: (more) => writeAll(root, more),
    read: (path) => readFileSync(join(root, path), 'utf8'),
    exists: (path) => existsSync(join(root, path)),
    remove: (path) => rmSync(join(root, path), { recursive: true, force: true }),
    nx: (args, variables = {}) => runNx(root, args, { ...environment(root, daemon), ...variables }),
    close: async () => {
      if (daemon) await runNx(root, ['daemon', '--stop'], environment(root, daemon));
      rmSync(root, { recursive: true, force: true, maxRetries: 5 });
    },
  };
  workspace.write(files);
  return workspace;
}

/** All modules of the repository, one link each, so that the workspace can have a package of its own beside them. */
function linkModules(root: string): void {
  const source = join(REPOSITORY, 'node_modules');
  mkdirSync(join(root, 'node_modules/@waybill'), { recursive: true });
  for (const name of readdirSync(source)) {
    if (name !== '@waybill' && name !== '.cache') symlinkSync(join(source, name), join(root, 'node_modules', name));
  }
  for (const name of PACKAGES) symlinkSync(join(REPOSITORY, 'packages', name), join(root, 'node_modules/@waybill', name));
}

function writeAll(root: string, files: Readonly<Record<string, string | object>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), typeof content === 'string' ? content : `${JSON.stringify(content, null, 2)}\n`);
  }
}

/** Of this machine only what programs need; nothing that a run of the repository's own Nx has set. */
function environment(root: string, daemon: boolean): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: root,
    TMPDIR: tmpdir(),
    NX_DAEMON: String(daemon),
    NX_TUI: 'false',
    NX_NO_CLOUD: 'true',
    NX_CACHE_DIRECTORY: join(root, '.nx/cache'),
    NX_WORKSPACE_DATA_DIRECTORY: join(root, '.nx/data'),
    NO_COLOR: '1',
  };
}

async function runNx(root: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<NxRun> {
  const run = await start(process.execPath, [join(root, 'node_modules/nx/dist/bin/nx.js'), ...args], root, env);
  const hits = [...run.output.matchAll(/nx run ([\w-]+:[\w-]+) .*\[(?:local cache|existing outputs match the cache)[^\]]*\]/g)].map(
    (match) => match[1]!,
  );
  return { ...run, hits };
}

function start(file: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
