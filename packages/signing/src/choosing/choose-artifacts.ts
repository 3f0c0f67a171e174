import { ARTIFACT_KINDS, type ArtifactKind } from '@waybill/artifacts';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import { matchGlob } from '@waybill/relocation';
import { signingErrors } from '../errors/signing-errors';

/** What a stage signs when nothing else is said: files that people download as a whole. Wheels and sdists have signatures of their own kind at the index. */
export const DEFAULT_ARTIFACTS: Readonly<Record<string, readonly ArtifactKind[]>> = {
  sign: ['bundle-archive', 'dmg', 'pkg', 'deb', 'rpm', 'msi', 'installer'],
  'sign-checksums': ['checksums'],
};

/** What is signed inside: bundles, and installers that are programs. Folders only when they are named. */
const INSIDE_ARTIFACTS: Readonly<Record<string, readonly ArtifactKind[]>> = {
  authenticode: ['bundle-archive', 'installer', 'msi'],
  apple: ['bundle-archive', 'app'],
};

const FOLDERS: ReadonlySet<ArtifactKind> = new Set(['bundle-folder', 'app']);
const KINDS: ReadonlySet<string> = new Set(ARTIFACT_KINDS);

export interface Choice {
  /** For errors. */
  target: string;
  stage: string;
  /** Kinds or globs over names; absent: the defaults. */
  asked: readonly string[] | undefined;
  backend: string | undefined;
}

/**
 * Artifacts that ship and that a kind or glob names, by name. Never signatures themselves; none is `SIGN_NOTHING`, also for one entry of a list that
 * was given. What signs inside takes folders of bundles too, which do not ship, and `apple` each `.app`.
 */
export function chooseArtifacts({ target, stage, asked, backend }: Choice, upstream: readonly UpstreamArtifact[]): readonly UpstreamArtifact[] {
  const insideKinds = INSIDE_ARTIFACTS[backend ?? ''];
  const inside = insideKinds !== undefined;
  const takesFolder = (kind: ArtifactKind): boolean => (inside && kind === 'bundle-folder') || (backend === 'apple' && kind === 'app');
  const shipped = upstream.filter(({ ships, kind }) => (ships && kind !== 'signature') || takesFolder(kind));
  const patterns = asked ?? (stage === 'sign' ? insideKinds : undefined) ?? DEFAULT_ARTIFACTS[stage]!;
  const fits = (pattern: string, { kind, name }: UpstreamArtifact): boolean => (KINDS.has(pattern) ? kind === pattern : matchGlob(pattern, name));
  const nothing = (missing: readonly string[]): never => {
    throw signingErrors.error('SIGN_NOTHING', { target, asked: missing, there: shipped.map(({ name, kind }) => `${name} (${kind})`) });
  };
  const idle = (asked ?? []).filter((pattern) => !shipped.some((artifact) => fits(pattern, artifact)));
  if (idle.length > 0) nothing(idle);
  const chosen = shipped.filter((artifact) => patterns.some((pattern) => fits(pattern, artifact)));
  if (chosen.length === 0) nothing(patterns);
  const folder = chosen.find(({ kind }) => FOLDERS.has(kind) && !takesFolder(kind));
  if (folder) throw signingErrors.error('SIGN_FOLDER', { name: folder.name, kind: folder.kind });
  return [...chosen].sort((one, other) => (one.name < other.name ? -1 : 1));
}
