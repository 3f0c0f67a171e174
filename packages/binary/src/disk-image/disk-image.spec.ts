import { bytesAsSource } from '../byte-source';
import { readDiskImage } from './read-disk-image';
import { verifyDiskImage } from './verify-disk-image';

const TRAILER = 512;

/** Content with a trailer that names a signature. */
function image({ content = 1_000, offset = 0, size = 0, magic = 'koly' } = {}): Buffer {
  const trailer = Buffer.alloc(TRAILER, 1);
  trailer.write(magic, 'latin1');
  trailer.writeBigUInt64BE(BigInt(offset), 0x128);
  trailer.writeBigUInt64BE(BigInt(size), 0x130);
  return Buffer.concat([Buffer.alloc(content, 7), trailer]);
}

it('reads where the signature lies, and what of the trailer it covers', () => {
  expect(readDiskImage(bytesAsSource(image()))).toMatchObject({ ok: true, facts: { trailerOffset: 1_000 } });
  const read = readDiskImage(bytesAsSource(image({ offset: 900, size: 100 })));
  expect(read).toMatchObject({ ok: true, facts: { signature: { offset: 900, size: 100 } } });
  const covered = read.ok ? Buffer.from(read.facts.coveredTrailer) : Buffer.alloc(0);
  expect(covered.equals(image({ offset: 900, size: 0 }).subarray(-TRAILER))).toBe(true);
});

it.each([
  ['what is too short', Buffer.from('koly'), 'not-disk-image'],
  ['another trailer', image({ magic: 'kolx' }), 'not-disk-image'],
  ['a signature that runs into the trailer', image({ offset: 900, size: 101 }), 'bad-signature'],
  ['a signature beyond the file', image({ offset: 2 ** 40, size: 1 }), 'bad-signature'],
  ['a signature without bytes', image({ offset: 900 }), 'bad-signature'],
])('refuses %s', (_, bytes, reason) => {
  expect(readDiskImage(bytesAsSource(bytes))).toMatchObject({ ok: false, refusal: { reason } });
});

it('what is not signed, or holds something else there, is no signature', () => {
  expect(verifyDiskImage(bytesAsSource(image()), { now: 0 })).toMatchObject({ ok: false, refusal: { reason: 'not-signed' } });
  expect(verifyDiskImage(bytesAsSource(image({ offset: 900, size: 100 })), { now: 0 })).toMatchObject({
    ok: false,
    refusal: { reason: 'bad-signature' },
  });
});
