const TEXT_BYTES = 0x4000;
const SEGMENT_BYTES = 72;
const [MH_MAGIC_64, CPU_ARM64, MH_DYLIB] = [0xfeedfacf, 0x0100000c, 6];
const [LC_SEGMENT_64, LC_ID_DYLIB, LC_BUILD_VERSION] = [0x19, 0xd, 0x32];
const [MACOS, MACOS_11] = [1, 0xb0000];

/** The smallest Mach-O file that signers take: a library of zeros for arm64. What a key can do is tried on it. */
export function makeProbeCode(): Buffer {
  const commands = [
    segment('__TEXT', { address: 0, memory: TEXT_BYTES, offset: 0, size: TEXT_BYTES }, [section('__text', '__TEXT', TEXT_BYTES / 2)]),
    segment('__LINKEDIT', { address: TEXT_BYTES, memory: TEXT_BYTES, offset: TEXT_BYTES, size: 16 }, []),
    words(LC_ID_DYLIB, 24 + 8, 24, 0, 0x10000, 0x10000, 0x626f7270, 0x65),
    words(LC_BUILD_VERSION, 24, MACOS, MACOS_11, MACOS_11, 0),
  ];
  const body = Buffer.concat(commands);
  const head = words(MH_MAGIC_64, CPU_ARM64, 0, MH_DYLIB, commands.length, body.length, 0x85, 0);
  return Buffer.concat([head, body, Buffer.alloc(TEXT_BYTES + 16 - head.length - body.length)]);
}

function words(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, index) => bytes.writeUInt32LE(value, index * 4));
  return bytes;
}

const wide = (value: number): readonly number[] => [value, 0];

function label(text: string): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.write(text, 'latin1');
  return bytes;
}

/** Lengths and places in bytes, all below 4 GiB. */
function segment(name: string, at: Record<'address' | 'memory' | 'offset' | 'size', number>, sections: readonly Buffer[]): Buffer {
  const size = SEGMENT_BYTES + sections.reduce((sum, { length }) => sum + length, 0);
  const places = [at.address, at.memory, at.offset, at.size].flatMap(wide);
  return Buffer.concat([words(LC_SEGMENT_64, size), label(name), words(...places, 5, 5, sections.length, 0), ...sections]);
}

/** Before it signers find room for the load command of the signature. */
const section = (name: string, segmentName: string, offset: number): Buffer =>
  Buffer.concat([label(name), label(segmentName), words(...wide(offset), ...wide(16), offset, 2, 0, 0, 0, 0, 0, 0)]);
