import type { ArchiveEntry } from '../archive-entry';
import { checkedContent } from '../writing/checked-entries';
import { paddingAfter, renderTarHeader, TAR_BLOCK_BYTES } from './tar-header';

const END = Buffer.alloc(2 * TAR_BLOCK_BYTES);

/** A tar stream of checked entries: ustar, pax where needed, owner 0 without a name, one time for all, two zero blocks at the end. */
export async function* writeTar(entries: AsyncIterable<ArchiveEntry>, mtimeSeconds: number): AsyncGenerator<Uint8Array> {
  for await (const entry of entries) {
    if (entry.kind === 'directory') {
      yield renderTarHeader({
        path: `${entry.path}/`,
        type: 'directory',
        mode: entry.mode,
        size: 0,
        mtimeSeconds,
      });
    } else if (entry.kind === 'symlink') {
      const { path, linkTarget } = entry;
      yield renderTarHeader({ path, type: 'symlink', mode: 0o777, size: 0, mtimeSeconds, linkTarget });
    } else {
      yield renderTarHeader({
        path: entry.path,
        type: 'file',
        mode: entry.mode,
        size: entry.size,
        mtimeSeconds,
      });
      const content = checkedContent(entry);
      if (Symbol.iterator in content) for (const chunk of content) yield chunk;
      else yield* content;
      const padding = paddingAfter(entry.size);
      if (padding > 0) yield END.subarray(0, padding);
    }
  }
  yield END;
}
