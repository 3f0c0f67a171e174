import { chmodSync, copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { CarriedLibrary } from '@waybill/artifacts';
import type { Finding } from '@waybill/core';
import { readNativeFiles } from '../runtime/preparation/elf-index';
import { planSearchPaths, setSearchPaths } from '../runtime/preparation/set-search-paths';
import type { HostLibrary } from './find-host-library';
import { identifyPackages, type OwningPackage } from './identify-packages';
import { licenceOf } from './library-closure';
import { knownLibrary, stemOf } from './library-licences';
import type { VendorLibrariesRequest } from './vendor-types';

const LICENCES = 'share/waybill/licences';

/** `libsqlite3.so.0.8.6` → `0.8.6`. */
const versionInName = (file: string): string | undefined => /\.so\.(\d+(?:\.\d+)+)$/.exec(file)?.[1];

/** Copies licence texts of a package once. Paths in the bundle. */
function placeLicences(root: string, name: string, files: readonly string[]): string[] {
  const folder = `${LICENCES}/${name}`;
  if (files.length > 0) mkdirSync(join(root, folder), { recursive: true });
  return files.map((file) => {
    const path = `${folder}/${basename(file)}`;
    if (!existsSync(join(root, path))) {
      copyFileSync(file, join(root, path));
      chmodSync(join(root, path), 0o644);
    }
    return path;
  });
}

function describe(library: HostLibrary, owner: OwningPackage | undefined, request: VendorLibrariesRequest): CarriedLibrary {
  const name = knownLibrary(library.soname)?.name ?? owner?.name ?? stemOf(library.soname);
  return {
    path: `lib/${library.soname}`,
    name,
    version: owner?.version ?? versionInName(library.file) ?? 'unknown',
    licence: licenceOf(library.soname, request.options) ?? owner?.licence ?? 'NOASSERTION',
    licenceFiles: placeLicences(request.bundleRoot, owner?.name ?? name, owner?.licenceFiles ?? []),
  };
}

/** Copies into `lib/`, under the SONAME. Distributions strip their libraries; they are left as they are but for search paths. */
export async function placeLibraries(libraries: readonly HostLibrary[], request: VendorLibrariesRequest): Promise<void> {
  if (libraries.length === 0) return;
  const root = request.bundleRoot;
  mkdirSync(join(root, 'lib'), { recursive: true });
  for (const { file, soname } of libraries) {
    copyFileSync(file, join(root, 'lib', soname));
    chmodSync(join(root, 'lib', soname), 0o644);
  }
  const natives = readNativeFiles(
    root,
    libraries.map(({ soname }) => `lib/${soname}`),
  );
  const beside = (soname: string): string | undefined => (existsSync(join(root, 'lib', soname)) ? 'lib' : undefined);
  await setSearchPaths(root, planSearchPaths(natives, beside, ['lib']), request.patchelf, request.ports);
}

/** Names, versions and licence texts of libraries that were placed, for which package databases are asked. Sorted by path. */
export async function describeLibraries(
  libraries: readonly HostLibrary[],
  request: VendorLibrariesRequest,
): Promise<{ carried: CarriedLibrary[]; findings: Finding[] }> {
  if (libraries.length === 0) return { carried: [], findings: [] };
  const sorted = [...libraries].sort((left, right) => (left.soname < right.soname ? -1 : 1));
  const owners = await identifyPackages(
    sorted.map(({ file }) => file),
    request.ports,
  );
  const carried = sorted.map((library) => describe(library, owners.get(library.file), request));
  const silent = carried.filter(({ licenceFiles }) => licenceFiles.length === 0);
  const findings = silent.map((library): Finding => ({
    check: 'licences',
    level: 'warning',
    path: library.path,
    message: `no licence text of ${library.name} was found on this machine`,
    fix: `add the text to the bundle with \`include\` (licence: ${library.licence})`,
  }));
  return { carried, findings };
}
