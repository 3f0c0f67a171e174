import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createProcesses, createTools, ZIG } from '@waybill/core';
import { temporaryFolder } from '@waybill/core/testing';
import { checkWheel } from '@waybill/distributions';
import { writeWheelFile } from '../testing/write-distributions';
import { readWheel } from './read-wheel';

/** Extension modules of other systems, made by a real compiler for them: without their libc, which zig would build first. */
jest.setTimeout(120_000);

const SOURCE = `#ifdef _WIN32
int DllMainCRTStartup(void *module, unsigned reason, void *reserved) { return 1; }
__declspec(dllexport)
#endif
void *PyInit__x(void) { return (void *)0; }
`;

const folder = temporaryFolder();

async function compile(target: string, name: string): Promise<Buffer> {
  const zig = await createTools({ processes: createProcesses(), environment: process.env }).resolve(ZIG);
  const source = join(folder.path, 'x.c');
  writeFileSync(source, SOURCE);
  const output = join(folder.path, name);
  const env = { ...process.env, ZIG_GLOBAL_CACHE_DIR: folder.path, ZIG_LOCAL_CACHE_DIR: folder.path };
  execFileSync(zig.path, [...zig.prefixArgs, 'cc', '-target', target, '-shared', '-nostdlib', '-O1', '-o', output, source], { env });
  return readFileSync(output);
}

async function tagFindings(tag: string, path: string, bytes: Uint8Array): Promise<string[]> {
  const file = await writeWheelFile(join(folder.path, `demo-1.0-cp311-cp311-${tag}.whl`), { tag: `cp311-cp311-${tag}`, files: { [path]: bytes } });
  const findings = checkWheel(await readWheel(file));
  return findings.filter(({ check }) => check === 'tags' || check === 'native-code').map(({ message, actual = '' }) => `${message} (${actual})`);
}

/** A universal file of two thin ones (`mach-o/fat.h`). */
function universal(...parts: readonly { cpu: number; bytes: Buffer }[]): Buffer {
  const align = 16_384;
  const head = Buffer.alloc(align);
  head.writeUInt32BE(0xcafebabe, 0);
  head.writeUInt32BE(parts.length, 4);
  let at = align;
  const padded = parts.map(({ cpu, bytes }, index) => {
    [cpu, cpu === 0x01000007 ? 3 : 0, at, bytes.length, 14].forEach((word, place) => head.writeUInt32BE(word, 8 + index * 20 + place * 4));
    const size = Math.ceil(bytes.length / align) * align;
    at += size;
    return Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
  });
  return Buffer.concat([head, ...padded]);
}

it('reads what macOS modules need, and finds what the tag does not promise', async () => {
  const path = 'demo/_x.cpython-311-darwin.so';
  const arm = await compile('aarch64-macos.13.0', 'arm.so');
  const intel = await compile('x86_64-macos.11.0', 'intel.so');
  expect(await tagFindings('macosx_13_0_arm64', path, arm)).toEqual([]);
  expect(await tagFindings('macosx_11_0_arm64', path, arm)).toEqual([
    'The file needs macOS 13.0 on aarch64, more than `macosx_11_0_arm64` promises (macOS 13.0)',
  ]);
  expect(await tagFindings('macosx_11_0_arm64', path, intel)).toEqual([
    'The extension module is not for every processor that `macosx_11_0_arm64` names (x86_64)',
  ]);
  const both = universal({ cpu: 0x01000007, bytes: intel }, { cpu: 0x0100000c, bytes: arm });
  expect(await tagFindings('macosx_13_0_universal2', path, both)).toEqual([]);
  expect(await tagFindings('macosx_13_0_universal2', path, arm)).toEqual([
    'The extension module is not for every processor that `macosx_13_0_universal2` names (aarch64)',
  ]);
});

it('reads the processor of Windows modules', async () => {
  const path = 'demo/_x.cp311-win_amd64.pyd';
  const arm = await compile('aarch64-windows-gnu', 'arm.pyd');
  const intel = await compile('x86_64-windows-gnu', 'intel.pyd');
  expect(await tagFindings('win_amd64', path, intel)).toEqual([]);
  expect(await tagFindings('win_amd64', path, arm)).toEqual(['The extension module is for another processor than the tag names (aarch64)']);
  const [elf] = await tagFindings('win_amd64', path, readFileSync('/bin/true'));
  expect(elf).toBe('The extension module is ELF, which the platform of the tag does not load (elf)');
});
