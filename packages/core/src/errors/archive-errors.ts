import { defineCatalog } from './waybill-error';

interface EntryArgs {
  archive: string;
  path: string;
}

const newArchive = 'get the archive again from its source, or make it again with plain relative paths';

/** Writing, reading and unpacking archives. `archive` is the path that the caller gave, `path` the entry as the archive spells it. */
export const archiveErrors = defineCatalog({
  ARCHIVE_FORMAT: ({ archive }: { archive: string }) => ({
    message: `\`${archive}\` is no archive that can be read here`,
    fix: 'give a tar, tar.gz, tar.zst or zip file (wheels, jars and npm packages are such files)',
  }),
  ARCHIVE_UNSUPPORTED: ({ archive, path, feature }: EntryArgs & { feature: string }) => ({
    message: `\`${path}\` in \`${archive}\` uses ${feature}, which is not supported`,
    fix: 'pack it again as tar.gz, or as zip with deflate and without a password',
  }),
  ARCHIVE_DAMAGED: ({ archive, reason }: { archive: string; reason: string }) => ({
    message: `\`${archive}\` is damaged or cut short`,
    fix: 'get the archive again from its source and compare its sha256 with the published one',
    details: [`${reason}`],
  }),
  ARCHIVE_DIGEST: ({ archive, expected, actual }: { archive: string; expected: string; actual: string }) => ({
    message: `\`${archive}\` is not the file that was expected`,
    fix: 'get the archive again; give the sha256 that its publisher names if that has changed on purpose',
    details: [`expected sha256 ${expected}`, `actual sha256 ${actual}`],
  }),
  ARCHIVE_PATH: ({ archive, path, reason }: EntryArgs & { reason: string }) => ({
    message: `\`${path}\` in \`${archive}\` ${reason}`,
    fix: newArchive,
  }),
  ARCHIVE_LINK_OUTSIDE: ({ archive, path, target }: EntryArgs & { target: string }) => ({
    message: `The symbolic link \`${path}\` in \`${archive}\` leads out of the archive`,
    fix: 'make the archive again with links that stay inside, relative to themselves',
    details: [`actual target ${target}`],
  }),
  ARCHIVE_HARD_LINK: ({ archive, path, target }: EntryArgs & { target: string }) => ({
    message: `The hard link \`${path}\` in \`${archive}\` names no file that the archive holds before it`,
    fix: newArchive,
    details: [`actual target ${target}`],
  }),
  ARCHIVE_THROUGH_LINK: ({ archive, path, link }: EntryArgs & { link: string }) => ({
    message: `\`${path}\` in \`${archive}\` would be written through the symbolic link \`${link}\``,
    fix: newArchive,
  }),
  ARCHIVE_DUPLICATE: ({ archive, path, was, now }: EntryArgs & { was: string; now: string }) => ({
    message: `\`${path}\` stands twice in \`${archive}\`, as different things`,
    fix: 'make the archive again with each path once',
    details: [`expected ${was}`, `actual ${now}`],
  }),
  ARCHIVE_SPECIAL: ({ archive, path, what }: EntryArgs & { what: string }) => ({
    message: `\`${path}\` in \`${archive}\` is a ${what}`,
    fix: 'make the archive again with files, folders and links only',
  }),
  ARCHIVE_LIMIT: ({ archive, path, limit, allowed, actual }: EntryArgs & { limit: string; allowed: number; actual: number }) => ({
    message: `\`${archive}\` goes beyond the limit \`${limit}\` at \`${path}\``,
    fix: `check where the archive comes from; raise \`${limit}\` if its size is right`,
    details: [`expected at most ${allowed}`, `actual ${actual} or more`],
  }),
  ARCHIVE_DESTINATION: ({ destination, reason }: { destination: string; reason: string }) => ({
    message: `\`${destination}\` ${reason}`,
    fix: 'give an empty folder to unpack into',
  }),
  ARCHIVE_ENTRY_NAME: ({ path, reason }: { path: string; reason: string }) => ({
    message: `\`${path}\` cannot go into an archive: it ${reason}`,
    fix: 'rename the file, or leave it out of what is packed',
  }),
  ARCHIVE_ENTRY_READ: ({ path, reason }: { path: string; reason: string }) => ({
    message: `\`${path}\` could not be read while it was packed`,
    fix: 'check that the file is there and that you may read it, then run it again',
    details: [`${reason}`],
  }),
  ARCHIVE_ENTRY_SIZE: ({ path, expected, actual }: { path: string; expected: number; actual: number }) => ({
    message: `\`${path}\` changed while it was packed`,
    fix: 'run it again when nothing else writes to that file',
    details: [`expected ${expected} bytes`, `actual ${actual} bytes${actual > expected ? ' or more' : ''}`],
  }),
  ARCHIVE_ZSTD_UNAVAILABLE: ({ platform, reason }: { platform: string; reason: string }) => ({
    message: `No tar.zst can be written here: the zstd writer for \`${platform}\` does not load`,
    fix: 'run `npm install` without `--omit=optional`, or choose the format `tar.gz`',
    details: [`${reason}`],
  }),
});
