import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { GeneratorTree } from '../generator-tree';
import { isObject } from '../generator-tree';
import { readJsonFile, writeJsonFile } from '../read-json-file';

/**
 * What stands in the root: the plugins, and the kit, whose fingerprint command Nx starts from the root's node_modules. Nested they would
 * not be found.
 */
export const ROOT_PACKAGES = ['@waybill/bundle', '@waybill/plugin-kit', '@waybill/python', '@waybill/release', '@waybill/signing'] as const;

/** All packages of Waybill carry one version: this one's. */
export const waybillVersion = (): string =>
  (JSON.parse(readFileSync(join(__dirname, '../../../package.json'), 'utf8')) as { version: string }).version;

/** Adds what is missing, at one version; what the user has asked for is kept, and another version reported. */
export function addPackages(tree: GeneratorTree): { lines: readonly string[]; install: boolean } {
  const manifest = readJsonFile(tree, 'package.json');
  const version = waybillVersion();
  const present = {
    ...(isObject(manifest['dependencies']) ? manifest['dependencies'] : {}),
    ...(isObject(manifest['devDependencies']) ? manifest['devDependencies'] : {}),
  };
  const missing = ROOT_PACKAGES.filter((name) => present[name] === undefined);
  const others = ROOT_PACKAGES.filter((name) => /^[~^]?\d/.test(String(present[name])) && String(present[name]).replace(/^[~^]/, '') !== version);
  const lines = others.map(
    (name) => `! package.json: ${name} is ${String(present[name])}, this is ${version}: all move together (\`nx migrate @waybill/release\`)`,
  );
  if (missing.length === 0) return { lines, install: false };
  const devDependencies = { ...(manifest['devDependencies'] as object), ...Object.fromEntries(missing.map((name) => [name, version])) };
  const sorted = Object.fromEntries(Object.entries(devDependencies).sort(([one], [other]) => (one < other ? -1 : 1)));
  const install = writeJsonFile(tree, 'package.json', manifest, { ...manifest, devDependencies: sorted });
  return { lines: [`+ package.json: ${missing.join(', ')} ${version}`, ...lines], install };
}
