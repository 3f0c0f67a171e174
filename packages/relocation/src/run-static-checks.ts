import type { Finding } from '@waybill/core';
import { applyPermits } from './apply-permits';
import type { BundleFacts } from './bundle-facts';
import type { CheckResult, StaticCheck } from './check-result';
import { CHECKS } from './check-table';
import { checkBinaryFormat } from './checks/check-binary-format';
import { checkBuildPaths } from './checks/check-build-paths';
import { checkBytecode } from './checks/check-bytecode';
import { checkElfHygiene } from './checks/check-elf-hygiene';
import { checkGlibcFloor } from './checks/check-glibc-floor';
import { checkLoader } from './checks/check-loader';
import { checkNeededLibraries } from './checks/check-needed-libraries';
import { checkPythonMetadata } from './checks/check-python-metadata';
import { checkRpath } from './checks/check-rpath';
import { checkShebangs } from './checks/check-shebangs';
import { checkTreeEntries } from './checks/check-tree-entries';
import type { RelocationPolicy } from './relocation-policy';

type StaticCheckId = Extract<(typeof CHECKS)[number], { kind: 'static' }>['id'];

const STATIC_CHECKS: Readonly<Record<StaticCheckId, StaticCheck>> = {
  'binary-format': checkBinaryFormat,
  'needed-libraries': checkNeededLibraries,
  rpath: checkRpath,
  loader: checkLoader,
  'glibc-floor': checkGlibcFloor,
  'elf-hygiene': checkElfHygiene,
  'build-paths': checkBuildPaths,
  'tree-entries': checkTreeEntries,
  shebangs: checkShebangs,
  'python-metadata': checkPythonMetadata,
  bytecode: checkBytecode,
};

/** Checks that know the formats of one system only. */
const LINUX_ONLY: ReadonlySet<StaticCheckId> = new Set(['binary-format', 'needed-libraries', 'rpath', 'loader', 'glibc-floor', 'elf-hygiene']);

/** The static checks 1–11 in order of their numbers, permits applied. Pure: the same facts and policy give the same results. */
export function runStaticChecks(facts: BundleFacts, policy: RelocationPolicy): CheckResult[] {
  return CHECKS.flatMap((row) => (row.kind === 'static' ? [runCheck(row.id, facts, policy)] : []));
}

function runCheck(check: StaticCheckId, facts: BundleFacts, policy: RelocationPolicy): CheckResult {
  if (LINUX_ONLY.has(check) && !policy.platform.startsWith('linux-')) {
    return { check, status: 'skipped', reason: `\`${policy.platform}\` is not Linux, and this check reads ELF files`, findings: [], evidence: {} };
  }
  const { findings, evidence, skipped } = STATIC_CHECKS[check](facts, policy);
  if (skipped !== undefined) return { check, status: 'skipped', reason: skipped, findings, evidence };
  const judged = applyPermits(check, findings, policy.allow ?? []);
  const failed = judged.some(({ level }) => level === 'error');
  return { check, status: failed ? 'failed' : 'passed', findings: judged, evidence: { ...evidence, ...countLevels(judged) } };
}

function countLevels(findings: readonly Finding[]): { errors: number; warnings: number } {
  const count = (level: Finding['level']): number => findings.filter((finding) => finding.level === level).length;
  return { errors: count('error'), warnings: count('warning') };
}
