import { isDeepStrictEqual } from 'node:util';
import type { NxTarget } from '../../nx-context';
import { generatorErrors } from '../generator-errors';
import { isObject, type JsonObject } from '../generator-tree';

/** Below `dist`, so that git, Nx and formatters leave it alone. */
export const DEFAULT_FOLDER = 'dist/releases';

export const PUBLISH = '@waybill/release:publish';

/** The list `to` of `publish`. */
export type Destinations = readonly JsonObject[];

interface DestinationKind {
  /** What stands behind `=`, in words; absent: nothing may. */
  value?: string;
  pattern?: RegExp;
  /** The lines of the list: few, because the defaults of `publish` are for them. */
  entry(value: string | undefined): JsonObject;
  /** Variables that a release reads. */
  needs: readonly string[];
}

/** What `--destinations` takes, by name. */
const KINDS: Readonly<Record<string, DestinationKind>> = {
  folder: {
    value: 'a folder of the workspace',
    pattern: /^(?!\/)(?!(.*\/)?\.\.(\/|$))./,
    entry: (path = DEFAULT_FOLDER) => ({ type: 'folder', path }),
    needs: [],
  },
  s3: {
    value: 'what stands before the names in the bucket',
    pattern: /^[\w.-]+(\/[\w.-]+)*$/,
    entry: (prefix) => ({ type: 's3', ...(prefix !== undefined && { prefix }) }),
    needs: ['R2_BUCKET', 'R2_ENDPOINT', 'R2_ACCESS_KEY_ID', 'R2_SECRET_ACCESS_KEY'],
  },
  'github-release': {
    value: '`owner/name`',
    pattern: /^[\w-]+\/[\w.-]+$/,
    entry: (repository) => ({ type: 'github-release', ...(repository !== undefined && { repository }) }),
    needs: ['GITHUB_TOKEN', 'GITHUB_REPOSITORY'],
  },
  oci: {
    value: '`host[:port]/path`',
    pattern: /^[\w.-]+(:\d+)?\/[a-z0-9._/-]+$/,
    entry: (repository) => ({ type: 'oci', ...(repository === undefined ? { repositoryEnv: 'OCI_REPOSITORY' } : { repository }) }),
    needs: ['OCI_REPOSITORY', 'OCI_USERNAME', 'OCI_PASSWORD'],
  },
  pypi: { entry: () => ({ type: 'index', repository: 'pypi' }), needs: ['PYPI_TOKEN'] },
  testpypi: { entry: () => ({ type: 'index', repository: 'testpypi', tokenEnv: 'TESTPYPI_TOKEN' }), needs: ['TESTPYPI_TOKEN'] },
  index: {
    value: 'the address that tools upload to',
    pattern: /^https?:\/\/[^\s?#@]+$/,
    entry: (repository) => ({
      type: 'index',
      ...(repository === undefined ? { repositoryEnv: 'INDEX_URL' } : { repository }),
      tokenEnv: 'INDEX_TOKEN',
    }),
    needs: ['INDEX_URL', 'INDEX_TOKEN'],
  },
};

const FORMS = Object.entries(KINDS).map(([name, { value }]) => (value === undefined ? `\`${name}\`` : `\`${name}\` or \`${name}=…\` (${value})`));

/** `s3`, `oci=registry.example.org/team/app`, … as `to` has them; `OPTION_DESTINATION`. `folder` alone is the folder that is given. */
export function parseDestinations(texts: readonly string[], folder: string = DEFAULT_FOLDER): Destinations {
  return texts.map((text) => {
    const [, name = '', value] = /^([^=]*)(?:=(.*))?$/s.exec(text.trim())!;
    const kind = Object.hasOwn(KINDS, name) ? KINDS[name]! : undefined;
    const fits = kind && (value === undefined || kind.pattern?.test(value));
    if (!fits)
      throw generatorErrors.error('OPTION_DESTINATION', { text, expected: kind ? FORMS.filter((form) => form.startsWith(`\`${name}\``)) : FORMS });
    return kind.entry(value ?? (name === 'folder' ? folder : undefined));
  });
}

const valueOf = ({ path, prefix, repository }: JsonObject): string | undefined =>
  [path, prefix, repository].find((value): value is string => typeof value === 'string');

const kindOf = (entry: unknown): DestinationKind | undefined =>
  isObject(entry) ? Object.values(KINDS).find((kind) => isDeepStrictEqual(kind.entry(valueOf(entry)), entry)) : undefined;

/** The list of a target, when all of it is as a generator writes it. */
export function destinationsOf(options: Readonly<Record<string, unknown>> | undefined): Destinations | undefined {
  const { to, ...rest } = options ?? {};
  return Array.isArray(to) && to.length > 0 && Object.keys(rest).length === 0 && to.every(kindOf) ? (to as Destinations) : undefined;
}

/** The list of a project's targets, for new ones. */
export const destinationsOfTargets = (targets: Readonly<Record<string, NxTarget>>): Destinations | undefined =>
  Object.values(targets)
    .filter(({ executor }) => executor === PUBLISH)
    .map(({ options }) => destinationsOf(options))
    .find((found) => found !== undefined);

/** The same places, with another folder. */
export const inFolder = (to: Destinations, path: string): Destinations =>
  to.map((entry) => (entry['type'] === 'folder' ? { ...entry, path } : entry));

/** Variables that a release reads, by destination; those that an entry names itself are not asked for. */
export function variablesOf(to: Destinations): readonly string[] {
  return to.flatMap((entry) => {
    const given = typeof entry['repository'] === 'string' ? /REPOSITORY$|_URL$/ : /^$/;
    const needs = (kindOf(entry)?.needs ?? []).filter((name) => !given.test(name));
    return needs.length === 0 ? [] : [`${needs.join(', ')} (${String(entry['type'])})`];
  });
}
