import type { ArtifactKind } from '@waybill/artifacts';
import type { PlannedArtifact, StageContext, StagePlan, UpstreamArtifact } from '@waybill/plugin-kit';
import { matchGlob } from '@waybill/relocation';
import { ARTIFACT_KINDS } from '@waybill/artifacts';
import { findLaterWork } from '../../choosing/find-later-work';
import { notarizeErrors } from '../../errors/notarize-errors';
import { manifestLine, plannedManifest } from '../../inside/archive-manifests';
import type { NotarizeFacts, NotaryAccess } from './gather';
import type { NotarizeOptions } from './options';

export interface NotarizePlan extends StagePlan {
  subjects: readonly UpstreamArtifact[];
  /** Those of them beside which a manifest of the archive is to lie, when it gets a ticket. */
  listed: readonly UpstreamArtifact[];
  access?: NotaryAccess;
}

type Context = StageContext<NotarizeOptions>;

/** Kinds that the service takes as they are or in a zip. */
const KINDS: readonly ArtifactKind[] = ['bundle-archive', 'app', 'dmg', 'pkg'];
const ALL_KINDS: ReadonlySet<string> = new Set(ARTIFACT_KINDS);

/** Pure. */
export function planNotarize(context: Context, { access, archivesWithApp }: NotarizeFacts): NotarizePlan {
  const { options } = context;
  const subjects = choose(context);
  const later = findLaterWork(subjects, context.upstreamRecords, context.stage);
  if (later.length > 0) throw notarizeErrors.error('NOTARIZE_ORDER', { target: `${context.projectName}:${context.targetName}`, later });
  const listed = subjects.filter(({ name }) => archivesWithApp?.has(name));
  return {
    subjects,
    listed,
    ...(access && { access }),
    artifacts: [...subjects.map(plannedOf), ...listed.map(plannedManifest)],
    overview: linesOf(options, access),
    lines: [
      ...linesOf(options, access),
      ...subjects.map(({ name, target }) => `have \`${name}\` of \`${target}\` notarized`),
      ...listed.map(manifestLine),
    ],
    ...(options.skip !== undefined && { skip: `not notarized: ${options.skip}` }),
  };
}

/** What ships, and folders of bundles when they are named; for macOS, or for no platform in particular (`.app`, `.dmg`, `.pkg`). */
function choose({ options: { artifacts: asked }, upstream, projectName, targetName }: Context): readonly UpstreamArtifact[] {
  const there = upstream.filter(
    ({ kind, ships, platform = 'macos' }) => platform.startsWith('macos') && (kind === 'bundle-folder' || (ships && KINDS.includes(kind))),
  );
  const fits = (pattern: string, { kind, name }: UpstreamArtifact): boolean => (ALL_KINDS.has(pattern) ? kind === pattern : matchGlob(pattern, name));
  const idle = (asked ?? []).filter((pattern) => !there.some((artifact) => fits(pattern, artifact)));
  const chosen = there.filter((artifact) => (asked ?? KINDS).some((pattern) => fits(pattern, artifact)));
  if (idle.length > 0 || chosen.length === 0) {
    const target = `${projectName}:${targetName}`;
    throw notarizeErrors.error('NOTARIZE_NOTHING', { target, asked: asked ?? KINDS, there: upstream.map(({ name, kind }) => `${name} (${kind})`) });
  }
  return [...chosen].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** A stapled one takes the place of the one before; one that cannot hold a ticket stays as it is and is not recorded again. */
const plannedOf = ({ name, kind, platform, ships }: UpstreamArtifact): PlannedArtifact => ({
  ...{ name, path: name, kind, ...(platform !== undefined && { platform }), ships },
});

const linesOf = ({ keyEnv, keychainProfile, wait, waitMs, skip }: NotarizeOptions, access: NotaryAccess | undefined): readonly string[] =>
  skip !== undefined
    ? []
    : [
        keychainProfile === undefined ? keyLine(keyEnv, access) : `credentials: of the keychain profile ${keychainProfile}, by notarytool`,
        wait ? `wait for Apple for at most ${Math.round(waitMs / 60_000)} min` : 'do not wait for Apple',
      ];

function keyLine(keyEnv: string, access: NotaryAccess | undefined): string {
  const key = access && (access.backend === 'notarytool' ? ('key' in access.credential ? access.credential.key : undefined) : access.key);
  return key === undefined ? `key: not in the variable ${keyEnv}` : `key: ${key.keyId} of ${key.issuer}, from the variable ${keyEnv}`;
}
