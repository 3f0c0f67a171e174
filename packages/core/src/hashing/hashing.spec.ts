import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from '../testing';
import { hashBytes } from './hash-bytes';
import { hashFile } from './hash-file';
import { hashThrough } from './hash-stream';

const folder = temporaryFolder();

/** FIPS 180-2, appendix B, and the empty text. */
const KNOWN: readonly [string, string][] = [
  ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
  ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
];

describe('sha256', () => {
  it.each(KNOWN)('of a known text (%#)', async (content, sha256) => {
    const file = join(folder.path, 'file');
    writeFileSync(file, content);
    expect(hashBytes(content)).toBe(sha256);
    expect(hashBytes(Buffer.from(content))).toBe(sha256);
    expect(await hashFile(file)).toEqual({ sha256, size: content.length });
  });

  it('of what flows through, unchanged', async () => {
    const hashed = hashThrough([Buffer.from('a'), Buffer.from('bc')]);
    const chunks: string[] = [];
    for await (const chunk of hashed) chunks.push(Buffer.from(chunk).toString());
    expect(chunks).toEqual(['a', 'bc']);
    expect(hashed.digest()).toEqual({ sha256: KNOWN[1]![1], size: 3 });
  });

  it('is not given before the end', async () => {
    const hashed = hashThrough([Buffer.from('a'), Buffer.from('bc')]);
    expect(() => hashed.digest()).toThrow('before its end');
    for await (const chunk of hashed) {
      expect(chunk.length).toBe(1);
      break;
    }
    expect(() => hashed.digest()).toThrow('before its end');
  });

  it('of a file that is not there is a coded error', async () => {
    await expect(hashFile(join(folder.path, 'none'))).rejects.toMatchObject({ code: 'FILE_MISSING' });
  });
});
