import { normaliseDistribution } from '@waybill/artifacts';
import { fitWheel, parseWheelName, readRequirement, type WheelTarget } from '@waybill/distributions';

/** A wheel with what its METADATA asks for. */
export interface NeededWheel {
  name: string;
  sha256: string;
  version: string;
  /** Lines of `Requires-Dist`. */
  requires: readonly string[];
}

export interface LocalWheel extends NeededWheel {
  file: string;
}

export interface InstallPlan<Local> {
  /** Of the release, one for each distribution: pinned by version and digest, from the index. */
  pins: readonly string[];
  /** Of other projects of this workspace, from their records: they may stand nowhere yet. */
  local: readonly Local[];
  /** From the usual index. No name that is ours is among them: a package of that name there would not be ours. */
  others: readonly string[];
}

const distributionOf = (file: string): string => normaliseDistribution(parseWheelName(file)?.distribution ?? file);
const nameIn = (line: string): string => {
  const read = readRequirement(line);
  return normaliseDistribution('requirement' in read ? read.requirement.name : line);
};

/** What is installed from where, for one machine. Without pins no wheel of the release is for it. Pure. */
export function planInstall<Local extends LocalWheel>(
  release: readonly NeededWheel[],
  workspace: readonly Local[],
  target: WheelTarget,
): InstallPlan<Local> {
  const own = bestOf(release, target);
  const near = new Map(bestOf(workspace, target).map((wheel) => [distributionOf(wheel.name), wheel]));
  const ours = new Set([...release, ...workspace].map(({ name }) => distributionOf(name)));
  const taken = new Map<string, Local>();
  const others = new Set<string>();
  const wanted = own.flatMap(({ requires }) => requires);
  for (let line = wanted.shift(); line !== undefined; line = wanted.shift()) {
    const name = nameIn(line);
    const wheel = near.get(name);
    if (!ours.has(name)) others.add(line);
    else if (wheel && !taken.has(name) && !own.some((one) => distributionOf(one.name) === name)) {
      taken.set(name, wheel);
      wanted.push(...wheel.requires);
    }
  }
  const pins = own.map(({ name, version, sha256 }) => `${distributionOf(name)}==${version} --hash=sha256:${sha256}`);
  return { pins: pins.sort(), local: [...taken.values()], others: [...others].sort() };
}

function bestOf<Wheel extends { name: string }>(wheels: readonly Wheel[], target: WheelTarget): Wheel[] {
  const best = new Map<string, { wheel: Wheel; fit: number }>();
  for (const wheel of wheels) {
    const parsed = parseWheelName(wheel.name);
    const fit = parsed && fitWheel(parsed, target);
    const key = distributionOf(wheel.name);
    if (fit !== undefined && fit > (best.get(key)?.fit ?? -1)) best.set(key, { wheel, fit });
  }
  return [...best.values()].map(({ wheel }) => wheel);
}
