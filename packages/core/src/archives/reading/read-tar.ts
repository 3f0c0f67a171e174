import type { Extract, Header } from 'tar-stream';
import type { ReadEntry, ReadEntryKind } from './read-entry';

const KINDS: Readonly<Record<string, ReadEntryKind>> = {
  file: 'file',
  'contiguous-file': 'file',
  directory: 'directory',
  symlink: 'symlink',
  link: 'hardlink',
};
const END_BYTES = 512;

/** A part of what tar-stream's entries are. */
interface Source {
  header: Header;
}

/**
 * The entries of a tar stream (ustar, pax, GNU long names) in its order. Throws plain errors when it is damaged, and when it ends without its end
 * marker: a tar cut between two entries is well-formed otherwise.
 */
export async function* readTar(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ReadEntry> {
  const { extract } = await import('tar-stream');
  const parser = extract();
  const tail = { zeros: 0 };
  const pumping = pump(bytes, parser, tail);
  try {
    for await (const entry of parser) {
      yield toReadEntry(entry);
      entry.resume();
    }
  } finally {
    parser.destroy();
    await pumping;
  }
  if (tail.zeros < END_BYTES) throw new Error('it has no end marker');
}

async function pump(bytes: AsyncIterable<Uint8Array>, parser: Extract, tail: { zeros: number }): Promise<void> {
  try {
    for await (const chunk of bytes) {
      if (parser.destroyed) return;
      tail.zeros = zerosAtEnd(chunk, tail.zeros);
      if (!parser.write(chunk)) await drained(parser);
    }
    parser.end(null);
  } catch (error) {
    parser.destroy(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Resolves also when nothing will drain any more. */
const drained = (parser: Extract): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      parser.off('drain', done);
      parser.off('close', done);
      resolve();
    };
    parser.on('drain', done);
    parser.on('close', done);
    if (parser.destroyed) done();
  });

function zerosAtEnd(chunk: Uint8Array, before: number): number {
  let zeros = 0;
  while (zeros < chunk.length && chunk[chunk.length - 1 - zeros] === 0) zeros += 1;
  return zeros === chunk.length ? before + zeros : zeros;
}

function toReadEntry(entry: Source): ReadEntry {
  const { header } = entry;
  const sparse = Object.keys(header.pax ?? {}).some((key) => key.startsWith('GNU.sparse.'));
  const kind = sparse ? 'special' : (KINDS[header.type] ?? 'special');
  return {
    path: header.name,
    kind,
    mode: header.mode & 0o7777,
    size: kind === 'file' ? header.size : 0,
    ...(kind === 'symlink' || kind === 'hardlink' ? { linkTarget: header.linkname } : {}),
    ...(kind === 'special' ? { special: sparse ? 'sparse file' : specialName(header) } : {}),
    content: () => entry as unknown as AsyncIterable<Uint8Array>,
  };
}

const specialName = ({ type }: { type: string | null }): string =>
  type === 'fifo' ? 'named pipe' : type?.endsWith('device') ? type.replace('-', ' ') : 'kind of entry that is not known';
