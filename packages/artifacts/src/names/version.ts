import { artifactsErrors } from '../errors/artifacts-errors';

/** A version as PEP 440 reads it, without epoch. */
export interface Version {
  release: readonly number[];
  pre?: { phase: 'a' | 'b' | 'rc'; number: number };
  post?: number;
  dev?: number;
  /** Local part, normalised (`ubuntu.1`). */
  local?: string;
}

/** The grammar of PEP 440, appendix B, anchored; case is folded before. */
const PEP_440 = new RegExp(
  [
    /^v?(?:(?<epoch>\d+)!)?(?<release>\d+(?:\.\d+)*)/,
    /(?:[-_.]?(?<phase>a|alpha|b|beta|c|rc|pre|preview)[-_.]?(?<phaseNumber>\d+)?)?/,
    /(?:-(?<implicitPost>\d+)|[-_.]?(?<post>post|rev|r)[-_.]?(?<postNumber>\d+)?)?/,
    /(?:[-_.]?(?<dev>dev)[-_.]?(?<devNumber>\d+)?)?/,
    /(?:\+(?<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/,
  ]
    .map(({ source }) => source)
    .join(''),
);
/** Numbers beyond this lose digits; no release has one. Calendar versions (`20261121.1200`) stay far below. */
const HIGHEST_NUMBER = Number.MAX_SAFE_INTEGER;
const LONGEST = 128;
const PHASES: Readonly<Record<string, 'a' | 'b' | 'rc'>> = {
  a: 'a',
  alpha: 'a',
  b: 'b',
  beta: 'b',
  c: 'rc',
  rc: 'rc',
  pre: 'rc',
  preview: 'rc',
};

/** Which grammar a text follows: `1.0.0-1` is a post-release in PEP 440 and a pre-release in SemVer. */
export type VersionForm = 'pep440' | 'semver';

/** Reads either form. `VERSION_FORM` when it is none, `VERSION_EPOCH` for an epoch. */
export function parseVersion(text: string, form: VersionForm = 'pep440'): Version {
  const read = readVersion(text);
  if (read === undefined) throw artifactsErrors.error('VERSION_FORM', { version: text.slice(0, LONGEST) });
  const { epoch, ...version } = read;
  if (epoch !== undefined) throw artifactsErrors.error('VERSION_EPOCH', { version: text });
  const strange = version.post !== undefined || version.release.length !== 3;
  if (form === 'semver' && strange) throw artifactsErrors.error('VERSION_FORM', { version: text });
  return version;
}

/** Reads a PEP 440 version, with its epoch; `undefined` when it is none. */
export function readVersion(text: string): (Version & { epoch?: number }) | undefined {
  const groups = text.length <= LONGEST ? PEP_440.exec(text.trim().toLowerCase())?.groups : undefined;
  if (!groups) return undefined;
  const { epoch, release = '', phase, phaseNumber, implicitPost, post, postNumber, dev, devNumber, local } = groups;
  const isPost = post !== undefined || implicitPost !== undefined;
  const version = {
    ...(epoch !== undefined && { epoch: Number(epoch) }),
    release: release.split('.').map(Number),
    ...(phase && { pre: { phase: PHASES[phase]!, number: Number(phaseNumber ?? 0) } }),
    ...(isPost && { post: Number(implicitPost ?? postNumber ?? 0) }),
    ...(dev !== undefined && { dev: Number(devNumber ?? 0) }),
    ...(local && {
      local: local
        .split(/[-_.]/)
        .map((part) => part.replace(/^0+(?=\d+$)/, ''))
        .join('.'),
    }),
  };
  const numbers = [...version.release, version.epoch, version.pre?.number, version.post, version.dev];
  return numbers.every((value) => value === undefined || value <= HIGHEST_NUMBER) ? version : undefined;
}

/** Whether `parseVersion` takes it: a version in either form, without an epoch. */
export function isReleaseVersion(text: string): boolean {
  const read = readVersion(text);
  return read !== undefined && read.epoch === undefined;
}

/** The canonical PEP 440 form, which file names carry. */
export function formatVersion({ release, pre, post, dev, local }: Version): string {
  return [
    release.join('.'),
    pre ? `${pre.phase}${pre.number}` : '',
    post === undefined ? '' : `.post${post}`,
    dev === undefined ? '' : `.dev${dev}`,
    local ? `+${local}` : '',
  ].join('');
}

/** Canonical PEP 440 form of a version in either form, fit for a file name. */
export function checkVersion(text: string, form: VersionForm = 'pep440'): string {
  return formatVersion(parseVersion(text, form));
}

const SEMVER_PHASES = { a: 'alpha', b: 'beta', rc: 'rc' } as const;

/** SemVer form of a PEP 440 version. Post-releases and a fourth number have none: `VERSION_NO_SEMVER`. */
export function pep440ToSemver(text: string): string {
  const { release, pre, post, dev, local } = parseVersion(text);
  if (post !== undefined) throw artifactsErrors.error('VERSION_NO_SEMVER', { version: text, reason: 'it is a post-release' });
  if (release.length > 3) throw artifactsErrors.error('VERSION_NO_SEMVER', { version: text, reason: 'it has more than three numbers' });
  const numbers = [...release, 0, 0].slice(0, 3).join('.');
  const tags = [...(pre ? [SEMVER_PHASES[pre.phase], pre.number] : []), ...(dev === undefined ? [] : ['dev', dev])];
  return `${numbers}${tags.length > 0 ? `-${tags.join('.')}` : ''}${local ? `+${local}` : ''}`;
}

/** PEP 440 form of a SemVer version. Pre-release words that PEP 440 lacks (`-nightly.3`) are `VERSION_FORM`. */
export function semverToPep440(text: string): string {
  return checkVersion(text, 'semver');
}

/** `1.0` and `1.0.0` are the same release; so are `1.0.0-rc.1` and `1.0rc1`. */
export function sameVersion(one: string, other: string): boolean {
  return comparable(one) === comparable(other);
}

function comparable(text: string): string {
  const version = parseVersion(text);
  const release = [...version.release];
  while (release.length > 1 && release.at(-1) === 0) release.pop();
  return formatVersion({ ...version, release });
}

/** Alpha, beta, release candidate or development version. */
export function isPrerelease(text: string): boolean {
  const { pre, dev } = parseVersion(text);
  return pre !== undefined || dev !== undefined;
}
