import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { coreErrors } from '../../errors/core-errors';
import { withFileErrors } from '../../files/file-error';
import { writeFileAtomic } from '../../files/staging/write-file-atomic';
import { cleanEnvironment } from '../../processes/clean-environment';
import type { Processes, ProcessResult } from '../../processes/process-port';
import type { PinnedWheel } from '../tool-lock';
import type { Downloader } from './find-downloader';

const TIMEOUT_MS = 15 * 60_000;

export interface DownloadRequest {
  /** Name and version of the package. */
  name: string;
  version: string;
  wheel: PinnedWheel;
  /** Absolute, must not exist; gets the wheel, or what is in it. */
  destination: string;
  downloader: Downloader;
  processes: Processes;
  environment: Readonly<Record<string, string | undefined>>;
  /** How a person gets the tool without us. */
  install: string;
  variable: string;
}

/** What came: the wheel itself (pip), or a folder in which uv has unpacked it. */
export type Download = { kind: 'wheel'; path: string } | { kind: 'unpacked'; path: string };

/** Downloads a pinned wheel by the machine's own package tool, which is told the digest and refuses anything else. */
export async function downloadWheel(request: DownloadRequest): Promise<Download> {
  const { destination, downloader } = request;
  const requirements = `${destination}.txt`;
  await withFileErrors('make', destination, () => mkdir(destination));
  await writeFileAtomic(requirements, `${request.name}==${request.version} --hash=sha256:${request.wheel.sha256}\n`);
  const result = await request.processes.run({
    file: downloader.path,
    args: [...downloader.prefixArgs, ...argumentsFor(request, requirements)],
    cwd: destination, // `python -m` looks for modules in the folder where it runs
    env: cleanEnvironment(request.environment, [], {
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      PYTHONDONTWRITEBYTECODE: '1',
      UV_PYTHON_DOWNLOADS: 'never',
    }),
    timeoutMs: TIMEOUT_MS,
  });
  if (result.exitCode !== 0) throw downloadError(request, result);
  if (downloader.kind === 'uv') return { kind: 'unpacked', path: destination };
  const [file] = (await readdir(destination)).filter((name) => name.endsWith('.whl'));
  if (file === undefined) throw downloadError(request, { ...result, stderr: 'it succeeded but left no wheel' });
  return { kind: 'wheel', path: join(destination, file) };
}

/** The wheel's own platform tag is asked for, so that it does not matter for which platform the Python was built. */
function argumentsFor({ wheel, destination, downloader }: DownloadRequest, requirements: string): string[] {
  if (downloader.kind === 'uv') {
    const python = downloader.python === undefined ? [] : ['--python', downloader.python];
    return [
      'pip',
      'install',
      '--target',
      destination,
      '--no-deps',
      '--only-binary',
      ':all:',
      '--require-hashes',
      '--no-progress',
      '--link-mode',
      'copy',
      ...python,
      '-r',
      requirements,
    ];
  }
  const platform = wheel.file
    .replace(/\.whl$/, '')
    .split('-')
    .at(-1)!
    .split('.')[0]!;
  return [
    'download',
    '--no-deps',
    '--only-binary=:all:',
    '--require-hashes',
    '--no-input',
    '--progress-bar',
    'off',
    '--platform',
    platform,
    '-d',
    destination,
    '-r',
    requirements,
  ];
}

/** pip: `Expected sha256 … Got …`; uv: `Expected: sha256:… Computed: sha256:…`. */
const OTHER_DIGEST = /(?:Got|Computed:)\s+(?:sha256:)?([0-9a-f]{64})/;

function downloadError({ name, wheel, downloader, install, variable }: DownloadRequest, { stdout, stderr, timedOut }: ProcessResult): Error {
  const output = [stdout.trim(), stderr.trim(), ...(timedOut ? ['it did not end in time'] : [])].filter((text) => text !== '').join('\n');
  const other = OTHER_DIGEST.exec(output)?.[1];
  if (other !== undefined) return coreErrors.error('TOOL_DIGEST', { name, file: wheel.file, expected: wheel.sha256, actual: other });
  return coreErrors.error('TOOL_DOWNLOAD', { name, downloader: downloader.name, install, variable, output });
}
