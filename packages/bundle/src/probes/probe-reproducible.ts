import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { extractArchive, hashFile, mapConcurrently, readTree, type TreeItem } from '@waybill/core';
import { fault, skipped, type Probe, type ProbeContext } from './probe';

const SHOWN = 20;

/** Check 24, on demand: a second packaging of the same inputs gives the same bytes; where not, the files that differ are named. */
export const probeReproducible: Probe = {
  check: 'reproducible',
  async run(context) {
    const { archive, secondArchive } = context.request;
    if (archive === undefined || secondArchive === undefined) return skipped('no second archive was given');
    const second = await hashFile(secondArchive);
    const evidence = { first: archive.sha256, second: second.sha256 };
    if (second.sha256 === archive.sha256) return { findings: [], evidence };
    const different = await differingFiles(secondArchive, context);
    const actual = different.length === 0 ? 'the same files in another archive' : different.slice(0, SHOWN).join(', ');
    return {
      findings: [
        fault('reproducible', 'a second packaging gives other bytes', {
          path: different[0] ?? '',
          expected: `sha256 ${archive.sha256}`,
          actual,
          fix: 'take times, paths and random names out of what the files hold',
        }),
      ],
      evidence: { ...evidence, different: different.length },
    };
  },
};

async function differingFiles(secondArchive: string, { request, items }: ProbeContext): Promise<string[]> {
  const folder = join(request.workFolder, 'second');
  await mkdir(folder);
  await extractArchive({ archive: secondArchive, destination: folder, stripComponents: 1 });
  const [ours, theirs] = [await digests(request.bundleRoot, items), await digests(folder, await readTree(folder))];
  const paths = [...new Set([...ours.keys(), ...theirs.keys()])].sort();
  return paths.filter((path) => ours.get(path) !== theirs.get(path));
}

async function digests(root: string, items: readonly TreeItem[]): Promise<Map<string, string>> {
  const pairs = await mapConcurrently([...items], 4, async ({ path, kind, mode, linkTarget }): Promise<[string, string]> => [
    path,
    `${kind} ${mode} ${kind === 'file' ? (await hashFile(join(root, path))).sha256 : (linkTarget ?? '')}`,
  ]);
  return new Map(pairs);
}
