import { normaliseDistribution } from '@waybill/artifacts';
import { distributionsErrors } from '../errors/distributions-errors';
import { readRequirementHead, splitMarker } from '../metadata/requirement-syntax';
import { readDirectWheel, type DirectWheel } from './direct-wheel';
import type { LockedRequirement, RequirementsLock } from './requirement';

/** A logical line: physical lines joined at `\`, comments gone. */
interface LogicalLine {
  text: string;
  line: number;
}

interface Place {
  file: string;
  line: number;
}

/** Options that say where distributions come from, and how: handed on, because the hashes pin what comes. pip-compile writes all of them, from the user's settings too. */
const INDEX_OPTIONS = /^(-i|--index-url|--extra-index-url|-f|--find-links|--no-index|--trusted-host)(?=[ =]|$)/;
/** Tokens by their first characters: of GitHub, GitLab, package indexes, Amazon, JSON web tokens. */
const TOKEN = /^(gh[a-z]_|github_pat_|gl[a-z]+-|pypi-|npm_|A[KS]IA|eyJ)/;
/** From here on a name alone may be a token of somebody else's; `oauth2accesstoken`, `gitlab-ci-token` and names of people are shorter. */
const TOKEN_LENGTH = 20;
/** A folder of wheels, written relative to the file; kept relative to the workspace. */
const RELATIVE_LINKS = /^(-f|--find-links)[ =]\s*(?![A-Za-z]+:\/\/|\/)(\S+)$/;
/** Options that this installer always or never has: they change nothing. */
const WITHOUT_EFFECT = /^(--require-hashes|--prefer-binary|--pre|--only-binary)(?=[ =]|$)/;
const INCLUDE = /^(?:-r\s*|--requirement[ =]\s*)(?<file>.+)$/;
const DIRECT = /^(-e|--editable)(?=[ =]|$)|^[^;#]*?(@\s*[A-Za-z][A-Za-z0-9+.-]*:|:\/\/)|^(\.{0,2}\/|\.$)|^[^;\s]+\.(whl|tar\.gz|zip)(\s|;|$)/;
const PIN = /^\(?\s*={2,3}\s*(?<version>[A-Za-z0-9._!+-]+)\s*\)?$/;
const HASH_OPTION = /(?:^|\s)--hash[ =]\s*(?<hash>\S+)/g;
const HASH = /^(sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;

/**
 * Joins and strips lines as pip does (`pip/_internal/req/req_file.py`): a comment starts at a `#` that stands first or behind
 * white space, and ends a continuation.
 */
function logicalLines(text: string): LogicalLine[] {
  const result: LogicalLine[] = [];
  let parts: string[] = [];
  let start = 0;
  const flush = (): void => {
    const joined = parts.join(' ').trim();
    if (joined !== '') result.push({ text: joined, line: start });
    parts = [];
  };
  text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .forEach((raw, index) => {
      if (parts.length === 0) start = index + 1;
      const comment = raw.search(/(?:^|\s)#/);
      const body = (comment < 0 ? raw : raw.slice(0, comment)).trimEnd();
      const continued = body.endsWith('\\');
      parts.push(continued ? body.slice(0, -1) : body);
      if (comment >= 0 || !continued) flush();
    });
  flush();
  return result;
}

/** A requirement without its hashes, taken apart at the marker. */
interface RequirementLine {
  head: string;
  marker?: string;
  hashes: readonly string[];
}

function splitLine(text: string): RequirementLine {
  const hashes = [...text.matchAll(HASH_OPTION)].map((match) => match.groups!.hash!.toLowerCase());
  const { head, marker } = splitMarker(text.replace(HASH_OPTION, '').trim());
  return { head: head.trim(), hashes, ...(marker ? { marker } : {}) };
}

function checkHashes(hashes: readonly string[], requirement: string, place: Place): void {
  const weak = hashes.find((hash) => !HASH.test(hash));
  if (hashes.length > 0 && weak === undefined) return;
  throw distributionsErrors.error('WHEEL_REQUIREMENT_HASH', { ...place, requirement, ...(weak !== undefined && { hash: weak }) });
}

const extrasOf = (text = ''): string[] =>
  text
    .split(',')
    .map((extra) => extra.trim())
    .filter(Boolean)
    .map(normaliseDistribution)
    .sort();

function pinnedRequirement({ head, marker, hashes }: RequirementLine, place: Place): LockedRequirement {
  const option = /(?:^|\s)(--?[A-Za-z][\w-]*)/.exec(head)?.[1];
  if (option !== undefined) throw distributionsErrors.error('WHEEL_REQUIREMENT_OPTION', { ...place, option });
  const text = marker === undefined ? head : `${head} ; ${marker}`;
  const groups = readRequirementHead(head);
  if (groups === undefined) throw distributionsErrors.error('WHEEL_REQUIREMENT_SYNTAX', { ...place, text });
  const version = PIN.exec(groups.rest)?.groups?.version;
  if (version === undefined) throw distributionsErrors.error('WHEEL_REQUIREMENT_PIN', { ...place, text });
  checkHashes(hashes, `${groups.name}==${version}`, place);
  return { name: normaliseDistribution(groups.name), version, extras: extrasOf(groups.extras), ...(marker && { marker }), hashes, ...place };
}

function directRequirement(direct: DirectWheel, { marker, hashes: written }: RequirementLine, place: Place): LockedRequirement {
  const { wheel, from, name, hash } = direct;
  const hashes = written.length > 0 || hash === undefined ? written : [hash];
  checkHashes(hashes, wheel.fileName, place);
  if (name !== undefined && normaliseDistribution(name) !== wheel.distribution)
    throw distributionsErrors.error('WHEEL_REQUIREMENT_SYNTAX', { ...place, text: `${name} @ ${wheel.fileName}` });
  const paths = 'path' in from ? [...new Set([besides(place.file, from.path), besides('', from.path)])] : undefined;
  const where = 'path' in from ? { paths: paths! } : from;
  return {
    name: wheel.distribution,
    version: wheel.version,
    from: where,
    extras: extrasOf(direct.extras),
    ...(marker && { marker }),
    hashes,
    ...place,
  };
}

/** POSIX path arithmetic: `file` as seen from the folder of `from`. */
function besides(from: string, file: string): string {
  if (file.startsWith('/')) return file;
  const parts: string[] = from.split('/').slice(0, -1);
  for (const part of file.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

/** What stands before the host of an address, and the first folder of its path. */
const USER = /:\/\/(?<user>[^/?#\s]*)@[^/?#@\s]*\/?(?<folder>[^/?#\s]*)/g;
const VARIABLES = /^(\$\{[^{}]+\})+$/;

/** A password must be a variable. A name alone may be a token, and must not look like one (Azure's addresses have the organisation's name in both places). */
function holdsSecret(user: string, folder: string): boolean {
  const colon = user.indexOf(':');
  const [name, password] = colon < 0 ? [user, ''] : [user.slice(0, colon), user.slice(colon + 1)];
  if (password !== '') return !VARIABLES.test(password);
  if (name === '' || VARIABLES.test(name) || name === folder) return false;
  return TOKEN.test(name) || name.length >= TOKEN_LENGTH;
}

/** A password in a committed file is a leak, and so is a token in the place of the user's name; the package tools take them from their own settings and from the environment. */
function checkSecrets(text: string, place: Place): void {
  if ([...text.matchAll(USER)].some(({ groups }) => holdsSecret(groups!.user!, groups!.folder!))) {
    throw distributionsErrors.error('WHEEL_REQUIREMENT_SECRET', place);
  }
}

class LockReader {
  readonly files: string[] = [];
  readonly requirements: LockedRequirement[] = [];
  readonly indexOptions: string[] = [];

  constructor(private readonly read: (path: string) => string | undefined) {}

  readFile(file: string, from: readonly string[]): void {
    if (from.includes(file)) throw distributionsErrors.error('WHEEL_REQUIREMENTS_LOOP', { files: [...from, file] });
    const text = this.read(file);
    if (text === undefined) throw distributionsErrors.error('WHEEL_REQUIREMENTS_MISSING', { file, from: from.at(-1) });
    if (!this.files.includes(file)) this.files.push(file);
    for (const { text: line, line: number } of logicalLines(text)) this.readLine(line, { file, line: number }, [...from, file]);
  }

  private readLine(text: string, place: Place, chain: readonly string[]): void {
    const include = INCLUDE.exec(text)?.groups?.file;
    if (include !== undefined) return this.readFile(besides(place.file, include.trim()), chain);
    if (INDEX_OPTIONS.test(text)) return this.readIndexOption(text, place);
    if (WITHOUT_EFFECT.test(text)) return undefined;
    const line = splitLine(text);
    const direct = readDirectWheel(line.head);
    checkSecrets(line.head, place);
    if (direct === undefined && DIRECT.test(text.replace(HASH_OPTION, '')))
      throw distributionsErrors.error('WHEEL_REQUIREMENT_DIRECT', { ...place, text });
    if (text.startsWith('-')) throw distributionsErrors.error('WHEEL_REQUIREMENT_OPTION', { ...place, option: text.split(/[ =]/)[0]! });
    const requirement = direct === undefined ? pinnedRequirement(line, place) : directRequirement(direct, line, place);
    const same = this.requirements.find((other) => other.name === requirement.name && other.marker === requirement.marker);
    if (same !== undefined && same.version !== requirement.version) {
      throw distributionsErrors.error('WHEEL_REQUIREMENT_TWICE', { ...place, name: requirement.name, first: same });
    }
    this.requirements.push(requirement);
    return undefined;
  }

  private readIndexOption(text: string, place: Place): void {
    checkSecrets(text, place);
    const option = text.replace(RELATIVE_LINKS, (_all, name: string, path: string) => `${name} ${besides(place.file, path)}`);
    if (!this.indexOptions.includes(option)) this.indexOptions.push(option);
  }
}

/**
 * Reads a hash-locked requirements file, as `uv pip compile --generate-hashes`, `uv export` and `pip-compile --generate-hashes` write
 * it, with the files that it includes. Pure: `read` gives the text of a path relative to the workspace, or `undefined`.
 *
 * A wheel may stand by its path or address too, as `uv export` writes those of `[tool.uv.sources]`: its hash pins it as well.
 *
 * Refused with the line: what has no sha256 (or stronger) hash, is not pinned by `==` and no single wheel (editables, folders, sdists by path
 * or address, repositories), and options that would change what is installed. Options that say where distributions come from are kept.
 */
export function parseRequirements(file: string, read: (path: string) => string | undefined): RequirementsLock {
  const reader = new LockReader(read);
  reader.readFile(file, []);
  return { files: reader.files, requirements: reader.requirements, indexOptions: reader.indexOptions };
}
