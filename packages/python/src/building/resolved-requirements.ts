import { normaliseDistribution } from '@waybill/artifacts';

/** The list that `build` prints of what it installed for the backend. */
const INSTALLED = /^\* Installed build dependency versions:\n((?: {2}- .+\n?)+)/gm;
/** Names by which backends sign wheels that are not those of their distributions. */
const SIGNED_AS: Readonly<Record<string, string>> = { flit: 'flit-core', uv: 'uv-build', bdist_wheel: 'wheel' };

/**
 * Versions of build requirements that an isolated build resolved, by normalised name, as far as they are told: `build` lists them, and a backend signs
 * its wheel (`Generator: hatchling 1.27.0`).
 */
export function resolvedRequirements(output: string, generators: readonly string[]): ReadonlyMap<string, string> {
  const signed = generators.flatMap((text): [string, string][] => {
    const [, name, version] = /^([A-Za-z0-9._-]+) \(?v?(\d[^\s()]*)\)?$/.exec(text) ?? [];
    return name === undefined ? [] : [[normaliseDistribution(SIGNED_AS[name] ?? name), version!]];
  });
  const listed = [...output.matchAll(INSTALLED)].flatMap(([, lines]) =>
    [...lines!.matchAll(/^ {2}- ([A-Za-z0-9._-]+)(?:\[.*\])?==(\S+)/gm)].map(([, name, version]): [string, string] => [
      normaliseDistribution(name!),
      version!,
    ]),
  );
  return new Map([...signed, ...listed]);
}
