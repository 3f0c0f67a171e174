import { mkdir } from 'node:fs/promises';
import { basename, join, sep } from 'node:path';
import type { Finding } from '@waybill/core';
import { openEnvironment, type FreshEnvironment } from './fresh-environment';
import { describeEnd, importModules, type ImportFacts } from './import-modules';
import type { InstallTestRequest, InstallTestResult } from './install-test';
import type { Source } from './installer';
import { judgeImports, type Surroundings } from './judge-imports';
import { judgeLeftovers, takeSnapshot, type Snapshot } from './judge-leftovers';
import { judgeRequirements, readUnmet } from './judge-requirements';
import { judgeCommands, runCommands } from './run-commands';

/**
 * Installs a wheel in a fresh environment below `scratch`, imports its modules and starts its programs from an empty folder, checks its
 * requirements, uninstalls it and compares. What the wheel does wrong is a finding; an environment that cannot be made or a lock that
 * cannot be installed is an error: `PROCESS_FAILED`, `PROCESS_TIMEOUT`, `PROCESS_START`.
 */
export async function testInstall(request: InstallTestRequest): Promise<InstallTestResult> {
  const empty = join(request.scratch, 'empty');
  await mkdir(empty, { recursive: true });
  const environment = await openEnvironment(request, empty);
  const installation = await install(request, environment);
  if ('refusal' in installation) return { findings: [installation.refusal], tried: { imports: [], files: {}, commands: [], installed: [] } };
  const tested = await tryOut(request, environment);
  return { ...tested, findings: [...tested.findings, ...(await judgeRemoval(request, environment, installation.before))] };
}

/** Dependencies first, where they are not resolved with the wheel; `before` is the environment without it. */
async function install(request: InstallTestRequest, environment: FreshEnvironment): Promise<{ before: Snapshot } | { refusal: Finding }> {
  const { dependencies, wheel, local } = request;
  const own = local.map(({ file }) => file);
  if (dependencies.from === 'wheelhouse') {
    const before = await takeSnapshot(environment.folder);
    const source: Source = { kind: 'files', files: [wheel.file, ...own], wheelhouse: dependencies.folder };
    const refusal = await installFiles(environment, source, `\`${wheel.name}\` cannot be installed with what \`${dependencies.folder}\` holds`);
    return refusal ? { refusal } : { before };
  }
  if (dependencies.from === 'lock') await installLock(request, environment, dependencies);
  const names = local.map(({ name }) => `\`${name}\``).join(', ');
  const refused =
    own.length > 0 ? await installFiles(environment, { kind: 'files', files: own }, `${names} of this workspace cannot be installed`) : undefined;
  const before = await takeSnapshot(environment.folder);
  const refusal = refused ?? (await installFiles(environment, { kind: 'files', files: [wheel.file] }, `\`${wheel.name}\` cannot be installed`));
  return refusal ? { refusal } : { before };
}

/** The one step that may use the network: what it gets is checked by its hashes. */
async function installLock(
  { network }: InstallTestRequest,
  { installer, python, must }: FreshEnvironment,
  { file, wheelhouse }: Extract<InstallTestRequest['dependencies'], { from: 'lock' }>,
): Promise<void> {
  const source: Source = { kind: 'lock', file, ...(wheelhouse !== undefined && { wheelhouse }) };
  await must(installer.install(python, source), wheelhouse === undefined ? network.download : network.run);
}

async function installFiles(environment: FreshEnvironment, source: Source, message: string): Promise<Finding | undefined> {
  const { installer, python } = environment;
  const result = await environment.run(installer.install(python, source));
  if (result.exitCode === 0 && !result.timedOut) return undefined;
  return {
    check: 'install',
    level: 'error',
    message,
    actual: `${installer.id} ${describeEnd(result)}`,
    fix: 'correct what the installer names, and build again',
  };
}

/** What runs in the environment: nothing of it needs another's result. */
async function tryOut(request: InstallTestRequest, environment: FreshEnvironment): Promise<InstallTestResult> {
  const imports = request.imports ?? request.topLevels.filter((name) => !name.endsWith('-stubs'));
  const commands = request.commands ?? request.consoleScripts.map((name) => [name, '--help']);
  const [facts, started, checked] = await Promise.all([
    importModules(environment, imports, request),
    runCommands(environment, commands, request.timeoutMs),
    environment.run(environment.installer.check(environment.python)),
  ]);
  const bare = request.dependencies.from === 'none';
  const unmet = readUnmet(checked);
  const surroundings: Surroundings = { own: request.topLevels, unmet: unmet.absent, bare, ...(request.optional && { optional: request.optional }) };
  return {
    findings: [...judgeImports(facts, surroundings), ...judgeCommands(started, surroundings), ...judgeRequirements(checked, unmet, bare)],
    tried: { imports, files: filesIn(facts), commands: commands.map((command) => command.join(' ')), installed: facts.installed },
  };
}

function filesIn({ prefix, imports }: ImportFacts): Record<string, readonly string[]> {
  const inside = (place: string): string[] => (place.startsWith(`${prefix}${sep}`) ? [place.slice(prefix.length + 1).replaceAll(sep, '/')] : []);
  return Object.fromEntries(imports.flatMap((fact) => ('places' in fact ? [[fact.module, fact.places.flatMap(inside)] as const] : [])));
}

/** Uninstalls the wheel and compares; what was resolved with it from a wheelhouse stays and is known by its own RECORD. */
async function judgeRemoval(request: InstallTestRequest, environment: FreshEnvironment, before: Snapshot): Promise<Finding[]> {
  const { installer, python, folder } = environment;
  const distribution = basename(request.wheel.file).split('-')[0]!;
  const result = await environment.run(installer.uninstall(python, distribution));
  if (result.exitCode !== 0 || result.timedOut) {
    const fix = 'correct RECORD: it is what an installer removes by';
    return [{ check: 'install', level: 'error', message: `\`${request.wheel.name}\` cannot be uninstalled`, actual: describeEnd(result), fix }];
  }
  const others = request.dependencies.from === 'wheelhouse' ? await filesOfOthers(environment) : [];
  return judgeLeftovers(before, await takeSnapshot(folder), new Set(others));
}

const LIST_FILES = join(__dirname, 'inside/list-files.py');

async function filesOfOthers(environment: FreshEnvironment): Promise<string[]> {
  const { stdout } = await environment.must({ file: environment.python, args: ['-I', '-B', LIST_FILES] });
  return JSON.parse(stdout) as string[];
}
