import { normaliseDistribution } from '@waybill/artifacts';

/** A requirement that a wheel has for extras alone: a plugin so declares its host, a library what only some of its users need. */
export interface OptionalRequirement {
  /** Normalised name. */
  distribution: string;
  extras: readonly string[];
}

const EXTRA = /\bextra\s*==\s*(['"])(?<name>[^'"]+)\1|(['"])(?<first>[^'"]+)\3\s*==\s*extra\b/g;

/** Those among `Requires-Dist` of metadata (PEP 508 markers, https://packaging.python.org/specifications/dependency-specifiers). */
export function optionalRequirements(requirements: readonly string[]): readonly OptionalRequirement[] {
  return requirements.flatMap((requirement) => {
    const [, name = '', marker = ''] = /^\s*([A-Za-z0-9][A-Za-z0-9._-]*)[^;]*(?:;(.*))?$/s.exec(requirement) ?? [];
    if (!/\bextra\b/.test(marker)) return [];
    const extras = [...marker.matchAll(EXTRA)].map(({ groups }) => groups!['name'] ?? groups!['first']!);
    return [{ distribution: normaliseDistribution(name), extras }];
  });
}

/** Modules of well-known distributions that no rule gives. */
const MODULES: Readonly<Record<string, string>> = {
  beautifulsoup4: 'bs4',
  'google-api-python-client': 'googleapiclient',
  gitpython: 'git',
  'opencv-python': 'cv2',
  'opencv-python-headless': 'cv2',
  pillow: 'pil',
  protobuf: 'google',
  pycryptodome: 'crypto',
  'ruamel-yaml': 'ruamel',
  'scikit-image': 'skimage',
  'scikit-learn': 'sklearn',
};

/** What distributions add to the name of their module: `PyYAML`, `python-dateutil`, `msgpack-python`, `attrs`, `antlr4-python3-runtime`. */
const PLAIN = (name: string): string =>
  name
    .replace(/^(?:python3?|py)-?|-?(?:python3?|py)$/g, '')
    .replace(/[\d-]+$/, '')
    .replace(/s$/, '');

/**
 * Extras of a wheel that may bring the module: what a distribution holds is known only when it is installed, its name says it of nearly all. Without an
 * answer `undefined`; an extra whose marker says no name gives an empty list.
 */
export function extrasFor(module: string, optional: readonly OptionalRequirement[]): readonly string[] | undefined {
  const parts = module.toLowerCase().split('.').map(normaliseDistribution);
  const top = parts[0]!;
  const brings = ({ distribution }: OptionalRequirement): boolean =>
    distribution === top || MODULES[distribution] === top || PLAIN(distribution) === PLAIN(top) || distribution === parts.slice(0, 2).join('-');
  const found = optional.filter(brings);
  return found.length === 0 ? undefined : [...new Set(found.flatMap(({ extras }) => extras))];
}
