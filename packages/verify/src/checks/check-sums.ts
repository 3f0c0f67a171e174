import { join } from 'node:path';
import { SUMS_ALGORITHMS, type SumsAlgorithm } from '@waybill/artifacts';
import { hashFiles, type FileDigests, type Finding, type TreeItem } from '@waybill/core';
import type { SumsFile } from '../delivery/sort-files';

/** What the sums files expect of one file. */
export type Expected = ReadonlyMap<string, Readonly<Partial<Record<SumsAlgorithm, string>>>>;

/** All sums files together; where two contradict each other, the first counts and the contradiction is found. */
export function expectedDigests(sums: readonly SumsFile[]): { expected: Expected; findings: readonly Finding[] } {
  const expected = new Map<string, Partial<Record<SumsAlgorithm, string>>>();
  const findings: Finding[] = [];
  for (const { name: file, algorithm, entries } of sums) {
    for (const { name, digest } of entries) {
      const known = expected.get(name) ?? {};
      if (known[algorithm] !== undefined && known[algorithm] !== digest) {
        findings.push({ check: 'sums', level: 'error', path: file, message: `it contradicts another sums file about \`${name}\`` });
      }
      expected.set(name, { [algorithm]: digest, ...known });
    }
  }
  return { expected, findings };
}

export interface ComparedFiles {
  digests: ReadonlyMap<string, FileDigests>;
  findings: readonly Finding[];
}

/** Hashes what is here, each file once for all algorithms and in parallel, and compares it. `also` are files whose sha256 others ask for. */
export async function compareFiles(root: string, items: readonly TreeItem[], expected: Expected, also: readonly string[]): Promise<ComparedFiles> {
  const wanted = new Set([...expected.keys(), ...also]);
  const here = items.filter(({ path, kind }) => kind === 'file' && wanted.has(path)).map(({ path }) => path);
  const algorithms = new Set<SumsAlgorithm>(['sha256', ...[...expected.values()].flatMap((digests) => Object.keys(digests) as SumsAlgorithm[])]);
  const paths = here.map((path) => join(root, path));
  const hashed = await hashFiles(paths, { algorithms: [...algorithms] });
  const digests = new Map(here.map((path, index) => [path, hashed[index]!]));
  return { digests, findings: here.flatMap((path) => changesOf(path, expected.get(path) ?? {}, digests.get(path)!)) };
}

function changesOf(path: string, expected: Partial<Record<SumsAlgorithm, string>>, { digests }: FileDigests): readonly Finding[] {
  const changed = (Object.keys(expected) as SumsAlgorithm[]).find((algorithm) => digests[algorithm] !== expected[algorithm]);
  if (changed === undefined) return [];
  const label = SUMS_ALGORITHMS[changed].label.toLowerCase();
  return [
    {
      check: 'changed',
      level: 'error',
      path,
      message: 'it is not the file that was summed',
      expected: `${label} ${expected[changed]}`,
      actual: `${label} ${digests[changed]}`,
      fix: 'download it again',
    },
  ];
}
