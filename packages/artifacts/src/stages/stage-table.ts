import type { ArtifactKind } from '../artifact-record';
import { artifactsErrors } from '../errors/artifacts-errors';

/** One stage of a release. The order of the table is the order of a release. */
export interface StageRow {
  /** As in records. */
  stage: string;
  executor: string;
  title: string;
  /** `sources`: files of the workspace count; `records`: only what other targets recorded. */
  reads: 'sources' | 'records' | 'nothing';
  writes: readonly ArtifactKind[];
  /** May Nx keep the result? Never for what depends on a stage that may not, and never for a remote effect. */
  cache: boolean;
  effect: 'local' | 'remote';
  /** Makes or changes bytes that ship. */
  changesBytes: boolean;
  /** Looks before it leaps: everything that can fail is asked before the first effect. */
  preflight: boolean;
  /** One target for each operating system, with its name behind the stage's: `package-linux`. */
  perSystem: boolean;
  /** Without the option `platform` it makes something for the machine that it runs on. */
  hostBound: boolean;
}

const NOOP = 'nx:noop';

const row = (stage: string, executor: string, title: string, rest: Partial<StageRow>): StageRow => ({
  stage,
  executor,
  title,
  reads: 'records',
  writes: [],
  cache: false,
  effect: 'local',
  changesBytes: false,
  preflight: false,
  perSystem: false,
  hostBound: false,
  ...rest,
});

export const STAGES: readonly StageRow[] = [
  row('build-wheel', '@waybill/python:build-wheel', 'build wheels and the sdist', {
    reads: 'sources',
    writes: ['wheel', 'sdist', 'symbols'],
    cache: true,
    changesBytes: true,
  }),
  row('prepare-runtime', '@waybill/bundle:prepare-runtime', 'prepare the Python runtime that applications share', {
    reads: 'sources',
    writes: ['runtime'],
    cache: true,
    changesBytes: true,
    perSystem: true,
    hostBound: true,
  }),
  row('package', '@waybill/bundle:package-dist', 'package the application with its Python', {
    reads: 'sources',
    writes: ['bundle-archive', 'bundle-folder', 'symbols'],
    cache: true,
    changesBytes: true,
    perSystem: true,
    hostBound: true,
  }),
  row('smoke', '@waybill/bundle:relocatability-smoke', 'prove that the bundle runs anywhere', {
    writes: ['smoke-report'],
    cache: true,
    perSystem: true,
  }),
  row('sign', '@waybill/signing:sign', 'sign what ships', {
    writes: ['bundle-archive', 'app', 'dmg', 'pkg', 'msi', 'installer', 'signature', 'delivery'],
    changesBytes: true,
    preflight: true,
    perSystem: true,
  }),
  row('notarize', '@waybill/signing:notarize', 'have Apple notarize it, and staple the ticket', {
    writes: ['bundle-archive', 'app', 'dmg', 'pkg', 'delivery'],
    effect: 'remote',
    changesBytes: true,
    preflight: true,
    perSystem: true,
  }),
  row('smoke-signed', '@waybill/bundle:relocatability-smoke', 'prove that the signed bundle runs anywhere', {
    writes: ['smoke-report'],
    perSystem: true,
  }),
  row('checksum', '@waybill/release:checksum', 'sum everything that ships', { writes: ['checksums', 'delivery'] }),
  row('sign-checksums', '@waybill/signing:sign', 'sign the sums', { writes: ['signature'], preflight: true }),
  row('publish', '@waybill/release:publish', 'publish what was summed and signed', { writes: ['delivery'], effect: 'remote', preflight: true }),
  row('prepare', NOOP, 'everything of one operating system', { perSystem: true }),
  row('release', NOOP, 'the whole release', {}),
  row('take-back', '@waybill/release:take-back', 'take a release back', { reads: 'nothing', effect: 'remote', preflight: true }),
];

/** The row of a stage, or `GRAPH_STAGE_UNKNOWN`. */
export function stageRow(stage: string): StageRow {
  const found = STAGES.find((candidate) => candidate.stage === stage);
  if (!found) throw artifactsErrors.error('GRAPH_STAGE_UNKNOWN', { stage });
  return found;
}

const placeOf = (stage: string): number => STAGES.findIndex((row) => row.stage === stage);

/** Has a stage its place in a release behind another one? `GRAPH_STAGE_UNKNOWN` for what the table does not have. */
export const comesLater = (stage: string, than: string): boolean => placeOf(stageRow(stage).stage) > placeOf(stageRow(than).stage);
