import { access, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { hashFile, type Processes } from '@waybill/core';
import { bundleErrors } from '../errors/bundle-errors';
import {
  checkLine,
  machinePorts,
  makeWorkFolder,
  removeWorkFolder,
  RUN_TIMEOUT_MS,
  runProof,
  shownFindings,
  verdictLine,
  toolVersion,
  unpackBundle,
  type Proof,
  type ProofRequest,
} from '../proof';
import { formatPlatform, parsePlatform } from '@waybill/artifacts';
import { platformOf } from '../proof/platform-of';
import { parseProveArguments, type ProveArguments } from './prove-arguments';

/** The command's world. */
export interface CommandPorts {
  processes: Processes;
  environment: Readonly<Record<string, string | undefined>>;
  workingFolder: string;
  temporaryFolder: string;
  print(text: string): void;
  /** Lines for people. */
  tell(text: string): void;
}

export const DEFAULT_COMMAND: readonly string[] = ['--smoke-python'];

/** `prove <folder|archive>`: 0 when the proof holds, 1 when it does not. What keeps it from being made is thrown. */
export async function prove(args: readonly string[], ports: CommandPorts): Promise<0 | 1> {
  const options = parseProveArguments(args);
  const target = resolve(ports.workingFolder, options.target);
  const found = await stat(target).catch(() => undefined);
  if (!found) throw bundleErrors.error('BUNDLE_SMOKE_MISSING', { path: options.target });
  const workFolder = await makeWorkFolder([ports.temporaryFolder, '/var/tmp', '/dev/shm', ports.workingFolder]);
  try {
    const request = await requestFor(options, target, found.isDirectory(), workFolder, ports);
    const machine = machinePorts(ports.processes, ports.environment, options.json ? undefined : (result) => ports.tell(`${checkLine(result)}\n`));
    const proof = await runProof(request, machine);
    ports.print(
      options.json ? `${JSON.stringify(reportOf(proof, request), null, 2)}\n` : `${[...shownFindings(proof), verdictLine(proof)].join('\n')}\n`,
    );
    return proof.verdict === 'passed' ? 0 : 1;
  } finally {
    await removeWorkFolder(workFolder);
  }
}

async function requestFor(
  options: ProveArguments,
  target: string,
  isFolder: boolean,
  workFolder: string,
  ports: CommandPorts,
): Promise<ProofRequest> {
  const archive = isFolder ? undefined : { file: target, sha256: (await hashFile(target)).sha256 };
  const bundleRoot = archive ? await unpackBundle(target, workFolder, archive.sha256) : target;
  const workspaceRoot = await workspaceOf(ports.workingFolder, target);
  const home = ports.environment['HOME'];
  return {
    bundleRoot,
    ...(archive && { archive }),
    ...(options.second !== undefined && { secondArchive: resolve(ports.workingFolder, options.second) }),
    platform: options.platform === undefined ? await platformOf(bundleRoot) : formatPlatform(parsePlatform(options.platform)),
    hide: options.hide,
    ...(workspaceRoot !== undefined && { workspaceRoot }),
    ...(home !== undefined && home.startsWith('/') && { home }),
    expect: {
      ...(options.expectPython !== undefined && { python: options.expectPython }),
      ...(options.expectGlibc !== undefined && { glibc: options.expectGlibc }),
    },
    ...(options.launcher !== undefined && { launcher: options.launcher }),
    command: options.command ?? DEFAULT_COMMAND,
    commandIsDefault: options.command === undefined,
    imports: options.imports,
    ...(options.checks && { checks: options.checks }),
    allow: [],
    isolation: options.isolation,
    minIsolation: options.minIsolation,
    glibcMatrix: options.libc.map((path) => resolve(ports.workingFolder, path)),
    workFolder,
    runTimeoutMs: options.timeoutMs ?? RUN_TIMEOUT_MS,
  };
}

const WORKSPACE_MARKS = ['nx.json', '.git', 'package.json', 'pyproject.toml', 'Cargo.toml'];

/** The workspace is the nearest folder above the working folder that looks like one, and is never a folder above the temporary one. */
async function workspaceOf(workingFolder: string, target: string): Promise<string | undefined> {
  for (let folder = workingFolder; folder !== dirname(folder); folder = dirname(folder)) {
    const marks = await Promise.all(
      WORKSPACE_MARKS.map((mark) =>
        access(join(folder, mark)).then(
          () => true,
          () => false,
        ),
      ),
    );
    if (marks.includes(true)) return folder === target ? undefined : folder;
  }
  return undefined;
}

function reportOf(proof: Proof, { archive, bundleRoot }: ProofRequest) {
  const { verdict, findings, checks, isolation, seconds } = proof;
  return {
    verdict,
    findings,
    tested: archive ? { archive: basename(archive.file), sha256: archive.sha256 } : { folder: basename(bundleRoot) },
    isolation,
    checks: checks.map(({ check, status, reason, seconds: took, evidence }) => ({
      check,
      status,
      ...(reason !== undefined && { reason }),
      seconds: took,
      evidence,
    })),
    seconds,
    toolVersion: toolVersion(),
  };
}
