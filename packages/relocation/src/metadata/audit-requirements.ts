import { normaliseDistribution } from '@waybill/artifacts';
import { unconditionalRequirements } from '@waybill/distributions';
import type { BundleEntry, BundleFacts } from '../bundle-facts';
import type { FindingList } from '../checks/finding-list';
import { baseName, folderOf } from '../linkage/tree-index';

const METADATA = /(?:^|\/)[^/]+\.dist-info\/METADATA$/;
const INSTALLED = /(?:^|\/)([^/]+?)(?:-[^/-]+)*\.(?:dist|egg)-info(?:\/|$)/;

/**
 * What every package requires, without a condition, against what is installed. A package whose code is there without its dist-info is invisible to `importlib.metadata`, by which others find
 * its version and its plugins.
 */
export function auditRequirements(facts: BundleFacts, list: FindingList): void {
  if (facts.layout.frozen) return;
  const installed = new Set(facts.entries.flatMap(({ path }) => INSTALLED.exec(path)?.[1] ?? []).map(normaliseDistribution));
  const reported = new Set<string>();
  for (const { path, text } of facts.entries) {
    const site = folderOf(folderOf(path));
    if (text === undefined || !METADATA.test(path) || !facts.layout.sitePackages.includes(site)) continue;
    for (const name of unconditionalRequirements(text)) {
      const key = normaliseDistribution(name);
      if (installed.has(key) || reported.has(key)) continue;
      reported.add(key);
      report(name, path, codeOf(key, site, facts.entries), list);
    }
  }
}

function report(name: string, requiredBy: string, code: string | undefined, list: FindingList): void {
  const detail = {
    expected: `the dist-info of \`${name}\`, which \`${requiredBy}\` requires`,
    actual: 'none',
    fix: `install \`${name}\` as a wheel`,
  };
  if (code === undefined) list.warning(requiredBy, `The package requires \`${name}\`, which is not installed`, detail);
  else list.error(code, `The code of \`${name}\` is there without its dist-info: nothing tells its version or which files are its own`, detail);
}

/** The folder or module of that name among the packages. */
function codeOf(key: string, site: string, entries: readonly BundleEntry[]): string | undefined {
  const named = entries.find(({ path }) => folderOf(path) === site && normaliseDistribution(baseName(path).replace(/\.py$/, '')) === key);
  return named?.path;
}
