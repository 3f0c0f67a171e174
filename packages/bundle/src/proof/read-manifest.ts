import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { MANIFEST_PATH, parseManifest, type TreeManifest } from '@waybill/artifacts';
import { WaybillError, type Finding, type TreeItem } from '@waybill/core';
import type { BundleLayout } from '@waybill/relocation';

/** The manifest of the bundle, when it has one; a manifest that cannot be read is a finding. */
export async function readManifest(root: string, items: readonly TreeItem[]): Promise<{ manifest?: TreeManifest; findings: Finding[] }> {
  if (!items.some(({ path, kind }) => path === MANIFEST_PATH && kind === 'file')) return { findings: [] };
  try {
    return { manifest: parseManifest(await readFile(join(root, MANIFEST_PATH), 'utf8'), { path: MANIFEST_PATH }), findings: [] };
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    return { findings: [{ check: 'tree-entries', level: 'error', path: MANIFEST_PATH, message: error.message, fix: 'package the bundle again' }] };
  }
}

/** Where things are, by the manifest: known before the first file is read. */
export function layoutOf({ layout, runtime }: TreeManifest, items: readonly TreeItem[]): BundleLayout {
  const pythonHome = layout.python.split('/').slice(0, -2).join('/');
  const series = /^\d+\.\d+/.exec(runtime.version)?.[0];
  const sitePackages = items
    .filter(({ path, kind }) => kind === 'directory' && /(^|\/)(site-packages|python\/vendor)$/.test(path))
    .map(({ path }) => path);
  return { ...layout, pythonHome, pythonVersion: runtime.version, ...(series !== undefined && { pythonSeries: series }), sitePackages };
}
