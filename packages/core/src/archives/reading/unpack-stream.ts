import { pipeline, Readable, type TransformOptions } from 'node:stream';
import { createGunzip, type ZlibOptions } from 'node:zlib';

/** Turns packed bytes into unpacked ones, chunk by chunk in bounded memory; throws the library's own error when they are damaged or end too early. */
export type Unpack = (packed: AsyncIterable<Uint8Array>) => AsyncIterable<Uint8Array>;

const GUNZIP_BYTES = 256 * 1024;
/** Room for more than the piece that is being read: zlib's thread unpacks the next meanwhile, and does not wait for the reader each time. */
const AHEAD_BYTES = 4 * GUNZIP_BYTES;

const GUNZIP_OPTIONS: ZlibOptions & TransformOptions = { chunkSize: GUNZIP_BYTES, readableHighWaterMark: AHEAD_BYTES };

/** All members of a gzip file. */
export const unpackGzip: Unpack = (packed) => {
  const gunzip = createGunzip(GUNZIP_OPTIONS);
  // The error reaches whoever iterates: pipeline destroys the stream with it.
  pipeline(Readable.from(packed), gunzip, () => undefined);
  return gunzip;
};

/** zstd's own blocks unpack to 128 KiB at most, so that a slice of this size cannot grow beyond 32 MiB before it is handed on. */
const ZSTD_SLICE_BYTES = 1024;

/** All frames of a zstd file, by a decoder in JavaScript: hostile bytes meet no native code. It does not check the frames' checksums. */
export const unpackZstd: Unpack = async function* (packed) {
  const { Decompress } = await import('fzstd');
  let ready: Uint8Array[] = [];
  let bytes = 0;
  const decoder = new Decompress((chunk) => void ready.push(chunk));
  for await (const chunk of packed) {
    for (let at = 0; at < chunk.length; at += ZSTD_SLICE_BYTES) {
      decoder.push(chunk.subarray(at, at + ZSTD_SLICE_BYTES));
      const out = ready;
      ready = [];
      yield* out;
    }
    bytes += chunk.length;
  }
  if (bytes === 0) throw new Error('it is empty');
  decoder.push(new Uint8Array(0), true);
  yield* ready;
};

export const unpackNothing: Unpack = (packed) => packed;
