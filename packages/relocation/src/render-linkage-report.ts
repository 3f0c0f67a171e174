import { compareDotted } from '@waybill/distributions';
import type { BundleEntry, BundleFacts } from './bundle-facts';
import { analyseLinkage, type LinkageAnalysis } from './linkage/analyse-linkage';
import { glibcFloor, glibcNeeds } from './linkage/glibc-floor';
import type { Resolution } from './linkage/resolution';

/** Text for people: each ELF file, what it needs and where that resolves, search paths, glibc. LF, ends with one. */
export function renderLinkageReport(facts: BundleFacts): string {
  const analysis = analyseLinkage(facts);
  const floor = glibcFloor(facts);
  const newest = newestPerFile(facts);
  const files = facts.entries.filter((entry) => entry.elf !== undefined || entry.elfRefusal !== undefined);
  const lines = [
    `platform       ${facts.platform}`,
    `ELF files      ${files.length}`,
    `programs       ${analysis.hosts.map(({ path }) => path).join(', ') || 'none'}`,
    `glibc          ${floor.version === undefined ? 'not needed' : `${floor.version}${floor.manylinuxTag === undefined ? '' : ` (${floor.manylinuxTag})`}`}`,
    ...floor.holders.slice(0, 10).map(({ path, symbol }) => `  held by      ${path}${symbol === '' ? '' : `: ${symbol}`}`),
    '',
    ...files.flatMap((entry) => [...renderFile(entry, analysis, newest.get(entry.path)), '']),
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}

function renderFile(entry: BundleEntry, analysis: LinkageAnalysis, glibc: string | undefined): string[] {
  const { path, elf } = entry;
  if (!elf) return [path, `  refused      ${entry.elfRefusal?.message ?? 'unknown'}`];
  const linkage = analysis.files.get(path);
  const field = (name: string, value: string | undefined): string[] => (value === undefined ? [] : [`  ${name.padEnd(12)} ${value}`]);
  return [
    path,
    ...field('is', [elf.architecture, elf.type, elf.dynamic ? 'dynamic' : 'static'].join(', ')),
    ...field('soname', elf.soname),
    ...field('loader', elf.interpreter),
    ...field('RPATH', elf.rpath),
    ...field('RUNPATH', elf.runpath),
    ...field('glibc', glibc),
    ...field('loaded as', linkage && linkage.chain.length > 1 ? linkage.chain.join(' → ') : undefined),
    ...(linkage
      ? linkage.resolutions.map(renderResolution)
      : elf.needed.map((name) => `  needs        ${name} (not followed: another machine’s file, or none that is loaded)`)),
  ];
}

function renderResolution({ needed, status, path, via }: Resolution): string {
  const where = status === 'bundle' ? `${path} (${via})` : status === 'system' ? 'the system' : `${status.toUpperCase()}: ${via}`;
  return `  needs        ${needed} → ${where}`;
}

function newestPerFile(facts: BundleFacts): Map<string, string> {
  const newest = new Map<string, string>();
  for (const { path, version } of glibcNeeds(facts)) {
    const known = newest.get(path);
    if (known === undefined || compareDotted(version, known) > 0) newest.set(path, version);
  }
  return newest;
}
