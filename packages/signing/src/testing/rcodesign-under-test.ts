import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProcesses, createTools } from '@waybill/core';
import type { ExecutorRequest, ExecutorRun } from '@waybill/plugin-kit/testing';
import { MACOS_ARCHIVE } from './macos-bundle';
import { placeProgram } from './place-program';
import { runSign } from './run-sign';

/** What rcodesign 0.29.0 made of inputs of the specs, by digest of input and settings. */
export const RECORDINGS = join(__dirname, 'rcodesign-recordings');
const STAND_IN = join(__dirname, '../../../../tools/stand-ins/rcodesign.mjs');

/** Of the recorded bundle: the interpreter may write code and run it. */
const ENTITLEMENTS =
  '<?xml version="1.0" encoding="UTF-8"?>\n<plist version="1.0"><dict><!-- why --><key>com.apple.security.cs.allow-jit</key><true/></dict></plist>\n';
export const RECORDED_ENTITLEMENTS = [{ glob: 'python/runtime/bin/*', file: 'app.entitlements' }];
export const WITH_ENTITLEMENTS = { files: { 'app.entitlements': ENTITLEMENTS }, furtherInputs: ['{workspaceRoot}/app.entitlements'] };

/** The program itself, where it is installed. */
export const realRcodesign = (): string | undefined => {
  const { status, stdout } = spawnSync('sh', ['-c', 'command -v rcodesign'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
};

/** A throw-away certificate “Developer ID Application” of nobody, with which the recordings were made. */
export const recordedKey = (): { certificates: string; key: string } => ({
  certificates: readFileSync(join(RECORDINGS, 'certificates.pem'), 'utf8'),
  key: readFileSync(join(RECORDINGS, 'key.pem'), 'utf8'),
});

/** The same of “Developer ID Installer”. */
export const recordedInstallerKey = (): { certificates: string; key: string } => ({
  certificates: readFileSync(join(RECORDINGS, 'installer-certificates.pem'), 'utf8'),
  key: readFileSync(join(RECORDINGS, 'installer-key.pem'), 'utf8'),
});

/** What rcodesign made of a disk image. */
export function recordedDiskImage(): Buffer {
  const images = readdirSync(RECORDINGS).filter((name) => name.endsWith('.image'));
  return images.map((name) => readFileSync(join(RECORDINGS, name))).find((bytes) => bytes.subarray(-512).toString('latin1', 0, 4) === 'koly')!;
}

/** `rcodesign` as it was recorded, or that records, in a folder for PATH. */
export function placeRcodesign(folder: string, real = '-'): string {
  mkdirSync(RECORDINGS, { recursive: true });
  return placeProgram(folder, 'rcodesign', `#!/bin/sh\nexec "${process.execPath}" "${STAND_IN}" "${RECORDINGS}" "${real}" "$@"\n`);
}

export interface AppleRunRequest extends ExecutorRequest {
  /** Folder for PATH with the program `rcodesign`. */
  bin: string;
}

/** Runs `sign` with the backend `apple` in `sign-macos` behind an archive for macOS. No proof is there: that is allowed. */
export function runApple(
  options: object,
  environment: Record<string, string>,
  content: Uint8Array,
  { bin, ...request }: AppleRunRequest,
): Promise<ExecutorRun> {
  const variables = { ...environment, PATH: `${bin}:${process.env['PATH']!}` };
  const name = content[0] === 0x50 ? MACOS_ARCHIVE.replace('.tar.gz', '.zip') : MACOS_ARCHIVE;
  const upstream = [
    { target: 'package-macos', stage: 'package', artifacts: [{ name, kind: 'bundle-archive' as const, content, platform: 'macos-aarch64' }] },
  ];
  return runSign({ backend: 'apple', allowUnproved: 'no Mac here', ...options }, variables, {
    target: 'sign-macos',
    upstream,
    tools: createTools({ processes: createProcesses(), environment: variables }),
    ...request,
  });
}
