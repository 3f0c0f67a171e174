import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RuntimeFacts } from '../../runtime-facts';

/** End record of an empty zip: 22 bytes. */
const EMPTY_ZIP = Buffer.concat([Buffer.from([0x50, 0x4b, 0x05, 0x06]), Buffer.alloc(18)]);

/** `python311.zip`; CPython of a free-threaded build asks for `python313t.zip`. */
export const landmarkName = (series: string, abiFlags: string): string => `python${series.replace('.', '')}${abiFlags.replace(/[^t]/g, '')}.zip`;

/**
 * The landmark that CPython looks for in every folder above itself before its own library: with one here, a broken one in a folder
 * above the bundle is never reached (trap T28).
 */
export function placeLandmark(home: string, runtime: Pick<RuntimeFacts, 'series' | 'abiFlags' | 'platlibdir'>): string {
  const path = `${runtime.platlibdir}/${landmarkName(runtime.series, runtime.abiFlags)}`;
  mkdirSync(join(home, runtime.platlibdir), { recursive: true });
  writeFileSync(join(home, path), EMPTY_ZIP);
  return path;
}

/**
 * CPython knows by the folder `lib-dynload` where its extension modules are; without one it takes the folder that was compiled in, which may be
 * anybody's on the user's machine. A build with all modules linked in has none (python-build-standalone), so a text keeps one. Returns its path.
 */
export function placeModuleFolder(home: string, stdlib: string): string {
  const path = `${stdlib}/lib-dynload/README.txt`;
  mkdirSync(join(home, dirname(path)), { recursive: true });
  writeFileSync(join(home, path), 'Python finds its own folders by this one, even when it is empty.\n');
  return path;
}

/**
 * Debian's `site` reads `dist-packages` only. A link beside `site-packages` makes it read that too, with no change of its code.
 * Returns the link's path, when one was made.
 */
export function placeSiteLink(home: string, stdlib: string): string | undefined {
  const site = join(home, stdlib, 'site.py');
  if (!existsSync(site) || !readFileSync(site, 'utf8').includes('"dist-packages"')) return undefined;
  mkdirSync(join(home, stdlib, 'site-packages'), { recursive: true });
  symlinkSync('site-packages', join(home, stdlib, 'dist-packages'));
  return `${stdlib}/dist-packages`;
}

const PORTABLE = '#!/usr/bin/env python3';

/** The first line of a module that names an interpreter by its place (`#! /usr/local/bin/python` in `cgi.py`) names it as the others do. */
export function neutraliseShebang(content: Buffer): Buffer {
  if (content[0] !== 0x23 || content[1] !== 0x21) return content;
  const end = content.indexOf(0x0a);
  const line = content.toString('latin1', 0, end === -1 ? content.length : end);
  if (/^#! ?\/usr\/bin\/env python3?$/.test(line)) return content;
  return Buffer.concat([Buffer.from(PORTABLE), content.subarray(line.length)]);
}

/** Copies licence texts of the runtime to `share/waybill/licences/python/`. Returns their paths in the bundle. */
export function placeRuntimeLicences(root: string, licenceFiles: readonly string[]): string[] {
  const folder = 'share/waybill/licences/python';
  const taken = new Map<string, string>();
  for (const file of licenceFiles) {
    const name = taken.has(basename(file)) ? `${basename(dirname(file))}-${basename(file)}` : basename(file);
    taken.set(name, file);
  }
  if (taken.size > 0) mkdirSync(join(root, folder), { recursive: true });
  for (const [name, file] of taken) writeFileSync(join(root, folder, name), readFileSync(file), { mode: 0o644 });
  return [...taken.keys()].sort().map((name) => `${folder}/${name}`);
}
