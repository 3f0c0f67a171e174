import { join } from 'node:path';
import { SUMS_ALGORITHMS, type SumsAlgorithm } from '@waybill/artifacts';
import { hashFiles, type FileDigests, type Finding } from '@waybill/core';
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

/** What the sums files ask for, beyond the sha256 that `release.json` has. */
export const algorithmsOf = (expected: Expected): readonly SumsAlgorithm[] => [
  ...new Set<SumsAlgorithm>(['sha256', ...[...expected.values()].flatMap((digests) => Object.keys(digests) as SumsAlgorithm[])]),
];

/** Hashes files, each once for all algorithms and in parallel. */
export async function digestFiles(root: string, names: readonly string[], expected: Expected): Promise<ReadonlyMap<string, FileDigests>> {
  const hashed = await hashFiles(
    names.map((name) => join(root, name)),
    { algorithms: algorithmsOf(expected) },
  );
  return new Map(names.map((name, index) => [name, hashed[index]!]));
}

/** Files that are not what was summed. */
export const changedFindings = (expected: Expected, digests: ReadonlyMap<string, FileDigests>): readonly Finding[] =>
  [...digests].flatMap(([name, actual]) => changesOf(name, expected.get(name) ?? {}, actual));

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
