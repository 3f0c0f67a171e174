import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import type { ContentDigest } from '../../hashing/content-digest';
import { coreErrors } from '../../errors/core-errors';
import { withFileErrors } from '../../files/file-error';

const CHUNK_BYTES = 256 * 1024;
/** A file may grow, or not tell its size. */
const SMALLEST_BYTES = 16 * 1024;

/** An archive file that is read once from start to end and hashed meanwhile. */
export class PackedFile {
  private readonly hash = createHash('sha256');
  private position = 0;
  private sha256: string | undefined;

  private constructor(
    readonly path: string,
    readonly size: number,
    private readonly file: FileHandle,
  ) {}

  static async open(path: string): Promise<PackedFile> {
    const file = await withFileErrors('read', path, () => open(path, 'r'));
    const info = await withFileErrors('read', path, () => file.stat());
    if (info.isFile()) return new PackedFile(path, info.size, file);
    await file.close();
    throw coreErrors.error('FILE_KIND', { path, action: 'read', expected: 'file', actual: 'something else' });
  }

  /** For readers that jump. */
  get descriptor(): number {
    return this.file.fd;
  }

  /** The first bytes, without moving on. */
  async head(bytes: number): Promise<Buffer> {
    const buffer = Buffer.alloc(bytes);
    const bytesRead = await this.read(buffer, 0);
    return buffer.subarray(0, bytesRead);
  }

  /** The bytes from where the reading stands to the end. */
  async *chunks(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const left = this.size - this.position;
      const buffer = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(left + 1, SMALLEST_BYTES)));
      const bytesRead = await this.read(buffer, this.position);
      if (bytesRead === 0) return;
      this.position += bytesRead;
      const chunk = buffer.subarray(0, bytesRead);
      this.hash.update(chunk);
      yield chunk;
    }
  }

  /** Reads what is left; of the whole file. */
  async digest(): Promise<ContentDigest> {
    for await (const chunk of this.chunks()) void chunk;
    this.sha256 ??= this.hash.digest('hex');
    return { sha256: this.sha256, size: this.position };
  }

  close(): Promise<void> {
    return this.file.close();
  }

  private async read(buffer: Buffer, position: number): Promise<number> {
    const { bytesRead } = await withFileErrors('read', this.path, () => this.file.read(buffer, 0, buffer.length, position));
    return bytesRead;
  }
}
