import type { Json } from '@waybill/artifacts';
import type { UpstreamRecord } from '@waybill/plugin-kit';

/** What a record of `smoke` says (CONTRACT §3). */
export interface Proof {
  target: string;
  /** `project:target`. */
  run: string;
  verdict: string;
  isolation: string;
  /** `sha256:…` of what was tested. */
  digests: readonly string[];
  checksRun: readonly string[];
  skipped: readonly { check: string; reason: string }[];
  allow: readonly { check: string; path: string; reason: string }[];
}

const PROOF_STAGES: ReadonlySet<string> = new Set(['smoke', 'smoke-signed']);

/** Proofs among the records; planned ones, which say nothing yet, left out. */
export function proofsOf(records: readonly UpstreamRecord[]): readonly Proof[] {
  return records
    .filter(({ record, planned }) => PROOF_STAGES.has(record.stage) && !planned)
    .map(({ project, target, record: { facts } }) => ({
      target,
      run: `${project}:${target}`,
      verdict: textOf(facts['verdict']),
      isolation: textOf(facts['isolation']),
      digests: textsOf(facts['tested']),
      checksRun: textsOf(facts['checksRun']),
      skipped: rowsOf(facts['checksSkipped'], ['check', 'reason']),
      allow: rowsOf(facts['allow'], ['check', 'path', 'reason']),
    }));
}

/** Reasons for which targets let something through unsigned, or not notarized. */
export function unsignedOf(records: readonly UpstreamRecord[]): readonly { target: string; reason: string }[] {
  return records.flatMap(({ project, target, record: { facts } }) => {
    const [reason, left] = [facts['allowUnsigned'], facts['notNotarized']];
    return [
      ...(typeof reason === 'string' ? [{ target: `${project}:${target}`, reason: lineOf(reason) }] : []),
      ...(typeof left === 'string' ? [{ target: `${project}:${target}`, reason: `not notarized: ${lineOf(left)}` }] : []),
    ];
  });
}

/** Versions of the tools that records name: `facts.tools`, and the version of what proved. */
export function toolsOf(records: readonly UpstreamRecord[]): Readonly<Record<string, string>> {
  const entries = records.flatMap(({ record: { facts } }) => {
    const tools = facts['tools'];
    const named = typeof tools === 'object' && tools !== null && !Array.isArray(tools) ? Object.entries(tools) : [];
    const python = facts['python'];
    return [...named, ...(typeof python === 'string' ? [['python', python] as const] : [])].filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
  });
  return Object.fromEntries(entries);
}

const textOf = (value: Json | undefined): string => (typeof value === 'string' ? value : 'unknown');
const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? (value as readonly Json[]) : []);
const textsOf = (value: Json | undefined): readonly string[] => listOf(value).filter((item) => typeof item === 'string');
/** Reasons of people may have several lines; a description has one. */
const lineOf = (text: string): string => text.replace(/\s+/g, ' ').trim().slice(0, 1000) || 'none given';

function rowsOf<Key extends string>(value: Json | undefined, keys: readonly Key[]): readonly Record<Key, string>[] {
  return listOf(value).map((row) => {
    const fields = typeof row === 'object' && row !== null && !Array.isArray(row) ? (row as Readonly<Record<string, Json>>) : {};
    return Object.fromEntries(keys.map((key) => [key, lineOf(textOf(fields[key]))])) as Record<Key, string>;
  });
}
