import type { Json } from '@waybill/artifacts';
import type { UpstreamRecord } from '@waybill/plugin-kit';

/** Pure. Teams that records of `sign` with the backend `apple` name, each once. */
export function signingTeams(records: readonly UpstreamRecord[]): readonly string[] {
  const teams = records.flatMap(({ record: { stage, facts } }) => (stage === 'sign' ? listOf(facts['signatures']).flatMap(teamIn) : []));
  return [...new Set(teams)];
}

const listOf = (value: Json | undefined): readonly Json[] => (Array.isArray(value) ? value : []);

function teamIn(signature: Json): readonly string[] {
  if (typeof signature !== 'object' || signature === null || !('team' in signature)) return [];
  return typeof signature.team === 'string' ? [signature.team] : [];
}
