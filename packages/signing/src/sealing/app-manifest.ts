import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  APP_MANIFEST_PATH,
  compareEntries,
  isLeftOutOfApp,
  parseManifest,
  renderManifest,
  type ManifestEntry,
  type TreeManifest,
} from '@waybill/artifacts';
import { writeFileAtomic } from '@waybill/core';
import { readFolderEntries } from '@waybill/plugin-kit';
import { insideOf, joinPath, type SealedBundle } from './find-bundles';

/** Where the manifest of an `.app` would lie in the tree; none for what is no `.app`, and for one without a manifest: Waybill makes up none. */
function manifestPath(root: string, { path, base }: SealedBundle): string | undefined {
  const manifest = joinPath(path, APP_MANIFEST_PATH);
  return base === joinPath(path, 'Contents') && existsSync(join(root, manifest)) ? manifest : undefined;
}

async function readAppManifest(root: string, path: string): Promise<TreeManifest> {
  return parseManifest(await readFile(join(root, path), 'utf8'), { path });
}

/** Modes are left to whoever packs: not every system that signs keeps them. */
const withoutMode = (entry: ManifestEntry): ManifestEntry => (entry.type === 'file' ? { ...entry, mode: '0000' } : entry);

/** What the manifests of each `.app` say that is not so, before anything is changed: a line each. `RECORD_…` for one that cannot be read. */
export async function appManifestProblems(root: string, bundles: readonly SealedBundle[]): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const bundle of bundles) {
    const path = manifestPath(root, bundle);
    if (path !== undefined) problems.push(...problemsOf(bundle, await readAppManifest(root, path), await readFolderEntries(join(root, bundle.path))));
  }
  return problems;
}

function problemsOf({ path, program }: SealedBundle, { layout, entries }: TreeManifest, there: readonly ManifestEntry[]): readonly string[] {
  const main = insideOf(program, path);
  const shown = (inside: string): string => `\`${joinPath(path, inside)}\``;
  const differences = compareEntries(entries.map(withoutMode), there.map(withoutMode));
  return [
    ...(layout.launcher === main ? [] : [`its launcher is ${shown(layout.launcher)}, and the program of the \`.app\` is ${shown(main)}`]),
    ...differences
      .filter(({ path: inside, expected }) => expected !== undefined || !isLeftOutOfApp(inside, main))
      .map(({ path: inside, expected, actual }) => {
        if (actual === undefined) return `it lists ${shown(inside)}, which is not there`;
        return expected === undefined ? `it does not list ${shown(inside)}` : `${shown(inside)} is not what it says`;
      }),
  ];
}

/**
 * Writes the manifest of an `.app` again, when all in it has its last bytes but for what the seal is going to write: that is left out. Gives its path in
 * the tree, if there is one.
 */
export async function renewAppManifest(root: string, bundle: SealedBundle): Promise<readonly string[]> {
  const path = manifestPath(root, bundle);
  if (path === undefined) return [];
  const manifest = await readAppManifest(root, path);
  const main = insideOf(bundle.program, bundle.path);
  const there = (await readFolderEntries(join(root, bundle.path))).filter((entry) => !isLeftOutOfApp(entry.path, main));
  const modes = new Map(manifest.entries.map((entry) => [entry.path, entry.type === 'file' ? entry.mode : NEW_MODE]));
  const entries = there.map((entry) => (entry.type === 'file' ? { ...entry, mode: modes.get(entry.path) ?? NEW_MODE } : entry));
  await writeFileAtomic(join(root, path), renderManifest({ ...manifest, entries }), { mode: 0o644 });
  return [path];
}

/** Of seals that were not there before. */
const NEW_MODE = '0644';
