import type { MachOSlice, PeFacts } from '@waybill/binary';
import type { NativeMember } from '../distribution-facts';

/** A slice of a macOS extension module that needs libSystem alone. */
export function machoSlice(change: Partial<MachOSlice> & { minimum?: string } = {}): MachOSlice {
  const { minimum = '11.0', ...rest } = change;
  return {
    offset: 0,
    size: 16_384,
    bits: 64,
    endianness: 'little',
    architecture: 'aarch64',
    cpuName: 'arm64',
    cpuType: 0x0100000c,
    cpuSubtype: 0,
    type: 'bundle',
    fileType: 8,
    flags: 0x85,
    commandBytes: 1_000,
    commands: [],
    libraries: [{ kind: 'load', name: '/usr/lib/libSystem.B.dylib', weak: false, currentVersion: '1.0.0', compatibilityVersion: '1.0.0' }],
    rpaths: [],
    targets: [{ platform: 'macos', minimumSystem: minimum, sdk: '14.0' }],
    dyldEnvironment: [],
    segments: [],
    ...rest,
  };
}

/** Needs this library beside libSystem. */
export const needing = (name: string): Partial<MachOSlice> => ({
  libraries: [...machoSlice().libraries, { ...machoSlice().libraries[0]!, name }],
});

export function machoMember(path: string, ...slices: readonly Parameters<typeof machoSlice>[0][]): NativeMember {
  const kind = slices.length > 1 ? 'universal' : 'thin';
  return { path, format: 'mach-o', macho: { kind, slices: slices.map(machoSlice) } };
}

export function peMember(path: string, change: Partial<PeFacts> & { python?: string } = {}): NativeMember {
  const { python = 'python311.dll', ...rest } = change;
  const pe: PeFacts = {
    bits: 64,
    architecture: 'x86_64',
    machine: 0x8664,
    dll: true,
    characteristics: 0x2022,
    subsystem: 'console',
    dllCharacteristics: 0x160,
    dllFlags: [],
    timestamp: 0,
    imageBase: 0x180000000,
    entryPoint: 0x1000,
    subsystemVersion: '6.0',
    headerBytes: 1_024,
    checksum: { value: 0, offset: 0 },
    sections: [],
    imports: [{ library: 'KERNEL32.dll', symbols: [] }, ...(python === '' ? [] : [{ library: python, symbols: [] }])],
    delayImports: [],
    resourceTypes: [],
    versionInfo: false,
    manifest: false,
    managed: false,
    certificates: [],
    ...rest,
  };
  return { path, format: 'pe', pe };
}
