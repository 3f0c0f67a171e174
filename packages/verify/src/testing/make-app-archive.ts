import { createHash } from 'node:crypto';
import {
  APP_MANIFEST_PATH,
  ARCHIVE_MANIFEST_SCHEMA,
  MANIFEST_SCHEMA,
  archiveManifestName,
  formatMode,
  renderArchiveManifest,
  renderManifest,
  type ArchiveManifest,
  type ManifestEntry,
} from '@waybill/artifacts';
import { packed, type Member, type ShippedFile } from './make-delivery';

export const APP_ARCHIVE = 'app-1.0-macos-aarch64.tar.gz';
export const BESIDE = archiveManifestName(APP_ARCHIVE);
export const APP = 'app-1.0-macos-aarch64/App.app';
export const PROGRAM = `${APP}/Contents/MacOS/App`;

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const MEMBERS: readonly (readonly [string, Member])[] = [
  ['app-1.0-macos-aarch64/README.txt', { text: 'read me\n' }],
  [PROGRAM, { text: 'program, with the seal', mode: 0o755 }],
  [`${APP}/Contents/Info.plist`, { text: '<plist/>' }],
  [`${APP}/Contents/_CodeSignature/CodeResources`, { text: '<seal/>' }],
  [`${APP}/Contents/CodeResources`, { text: 's8ch ticket' }],
  [`${APP}/Contents/Resources/data`, { text: 'data' }],
  [`${APP}/Contents/Resources/link`, { link: 'data' }],
];

const entryOf = (path: string, member: Member): ManifestEntry => {
  if ('link' in member) return { path, type: 'symlink', target: member.link };
  const bytes = Buffer.from(member.text);
  return { path, type: 'file', mode: formatMode(member.mode ?? 0o644), size: bytes.length, sha256: sha256(bytes) };
};

/** Without what is written after it. */
function appManifest(): string {
  const inside = MEMBERS.filter(([path]) => path.startsWith(`${APP}/`) && path !== PROGRAM && !/_CodeSignature|Contents\/CodeResources/.test(path));
  return renderManifest({
    schema: MANIFEST_SCHEMA,
    name: 'app',
    version: '1.0',
    platform: 'macos-aarch64',
    kind: 'python-app',
    layout: { launcher: 'Contents/MacOS/App', python: 'Contents/MacOS/App' },
    runtime: { version: '3.11.7', provider: 'interpreter', source: 'x' },
    launcher: { kind: 'native' },
    carried: [],
    pruned: [],
    entries: inside.map(([path, member]) => entryOf(path.slice(APP.length + 1), member)),
  });
}

export interface AppArchiveSpec {
  /** Spoils members after the manifests were written; the digest that the one beside names is that of what comes out. */
  change?: (members: Map<string, Member>) => unknown;
  /** Spoils what the manifest beside says; its text as it is: `undefined` leaves it out. */
  beside?: (manifest: ArchiveManifest) => ArchiveManifest | string | undefined;
  withoutOwn?: boolean;
}

/** An archive with an `.app` that has a manifest of its own, and the manifest beside it. */
export async function makeAppArchive(
  folder: string,
  { change, beside = (one) => one, withoutOwn = false }: AppArchiveSpec = {},
): Promise<readonly ShippedFile[]> {
  const members = new Map<string, Member>(MEMBERS);
  if (!withoutOwn) members.set(`${APP}/${APP_MANIFEST_PATH}`, { text: appManifest() });
  const entries = [...members].map(([path, member]) => entryOf(path, member));
  change?.(members);
  const bytes = await packed(folder, 'tar.gz', members);
  const manifest = beside({ schema: ARCHIVE_MANIFEST_SCHEMA, archive: APP_ARCHIVE, size: bytes.length, sha256: sha256(bytes), entries });
  const text = typeof manifest === 'object' ? renderArchiveManifest(manifest) : manifest;
  return [
    [APP_ARCHIVE, 'bundle-archive', bytes, 'macos-aarch64'],
    ...(text === undefined ? [] : [[BESIDE, 'delivery', Buffer.from(text), 'macos-aarch64'] as ShippedFile]),
  ];
}
