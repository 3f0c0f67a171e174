import { normaliseDistribution } from '@waybill/artifacts';
import { existsSync } from 'node:fs';
import { copyFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseWheelName } from '@waybill/distributions';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import { readWheel } from '../reading/read-wheel';

/** Name of the distribution that a requirement asks for, normalised. */
export const requiredName = (requirement: string): string => normaliseDistribution(/^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(requirement.trim())?.[0] ?? '');

export const distributionOf = ({ name }: Pick<UpstreamArtifact, 'name'>): string => parseWheelName(name)?.distribution ?? '';

/** A wheel of this workspace that goes into the build of another project, and what it needs itself, as its metadata has it. */
export interface LocalRequirement {
  wheel: UpstreamArtifact;
  requires: readonly string[];
}

/** The wheels of this workspace that a project names among its build requirements, and those that these need. */
export async function localRequirements(requires: readonly string[], wheels: readonly UpstreamArtifact[]): Promise<readonly LocalRequirement[]> {
  const found = new Map<string, LocalRequirement>();
  const wanted = requires.map(requiredName);
  for (let name = wanted.shift(); name !== undefined; name = wanted.shift()) {
    const wheel = wheels.find((candidate) => distributionOf(candidate) === name);
    if (wheel === undefined || found.has(name)) continue;
    const needs = await needsOf(wheel);
    found.set(name, { wheel, requires: needs });
    wanted.push(...needs.map(requiredName));
  }
  return [...found.keys()].sort().map((name) => found.get(name)!);
}

/** What is installed without extras. A planned wheel of a dry run is not there yet. */
async function needsOf({ file }: UpstreamArtifact): Promise<readonly string[]> {
  if (!existsSync(file)) return [];
  const { metadata } = await readWheel(file);
  return (metadata?.requiresDist ?? []).filter((requirement) => !/;.*\bextra\b/.test(requirement));
}

/**
 * Constraints by which a frontend takes every distribution that this workspace makes as the very wheel of its record, whatever an index or a folder
 * has under that name, and however it comes to need it. The wheels are copied to `folder`. Gives the file; `undefined` when there are none.
 */
export async function offerLocalWheels(wheels: readonly UpstreamArtifact[], folder: string): Promise<string | undefined> {
  if (wheels.length === 0) return undefined;
  const lines: string[] = [];
  for (const wheel of wheels) {
    const place = join(folder, basename(wheel.name));
    await copyFile(wheel.file, place);
    lines.push(`${distributionOf(wheel)} @ ${pathToFileURL(place).href}#sha256=${wheel.sha256}\n`);
  }
  const constraints = join(folder, CONSTRAINTS);
  await writeFile(constraints, lines.join(''));
  return constraints;
}

/** Beside the wheels. */
export const CONSTRAINTS = 'constraints.txt';
