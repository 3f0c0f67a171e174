import { STAGES, archiveManifestName, makeRecord, type Artifact } from '@waybill/artifacts';
import { WaybillError, hashBytes } from '@waybill/core';
import { seededRandom } from '@waybill/core/testing';
import type { StageContext, UpstreamArtifact, UpstreamRecord } from '@waybill/plugin-kit';
import { notarizeOptions, type NotarizeOptions } from '../executors/notarize/options';
import { planNotarize } from '../executors/notarize/plan';
import { signOptions, type SignOptions } from '../executors/sign/options';
import { planSign } from '../executors/sign/plan';

const NAME = 'app-0.3.0-macos-aarch64.tar.gz';
/** Stages of a bundle; the others are of other things. */
const DRAWN = STAGES.map(({ stage }) => stage).filter(
  (stage) => !['build-wheel', 'prepare-runtime', 'prepare', 'release', 'take-back'].includes(stage),
);
const CHANGING = ['package', 'sign', 'notarize'];
const LISTING = ['sign', 'notarize'];
const ORDERS = 600;

/** The same numbers each time (mulberry32). */
function drawOrder(next: () => number): readonly string[] {
  const left = DRAWN.filter((stage) => stage !== 'package');
  const order = ['package'];
  for (let count = 1 + Math.floor(next() * left.length); count > 0; count -= 1) order.push(...left.splice(Math.floor(next() * left.length), 1));
  return order;
}

/** What lies beside an archive with an `.app`. */
const manifestOf = (archive: Artifact): Artifact => ({
  ...{ ...archive, name: archiveManifestName(archive.name), path: archiveManifestName(archive.name), kind: 'delivery' },
  ...{ sha256: hashBytes(archive.sha256), madeFrom: [`sha256:${archive.sha256}`] },
});

/** What stands before the next stage: the archive is made anew by those that change bytes, and goes into what the others make. */
function runUpTo(stages: readonly string[]): { upstream: readonly UpstreamArtifact[]; upstreamRecords: readonly UpstreamRecord[] } {
  let current: readonly UpstreamArtifact[] = [];
  const upstreamRecords = stages.map((stage, step) => {
    const target = `${stage}-macos`;
    const changes = CHANGING.includes(stage);
    const [name, kind] = changes ? [NAME, 'bundle-archive' as const] : [`${stage}.out`, 'signature' as const];
    const madeFrom = current.slice(0, 1).map(({ sha256 }) => `sha256:${sha256}`);
    const artifact: Artifact = {
      name,
      path: name,
      kind,
      platform: 'macos-aarch64',
      ships: true,
      size: 1,
      sha256: String(step + 1).repeat(64),
      madeFrom,
    };
    const artifacts = [artifact, ...(LISTING.includes(stage) ? [manifestOf(artifact)] : [])];
    const record = makeRecord({ project: 'app', target, stage, version: '1.0', sourceDateEpoch: 1_580_601_600, artifacts, facts: {} });
    if (changes) current = artifacts.map((one) => ({ ...one, file: `/nowhere/${one.name}`, project: 'app', target, stage, record }));
    return { project: 'app', target, folder: '/nowhere', record, planned: false, madeHere: true };
  });
  return { upstream: current, upstreamRecords };
}

/** Code of what a stage is refused with behind others, by its plan; `undefined`: it would run. */
function refusal(stage: string, before: readonly string[]): string | undefined {
  const context = { ...runUpTo(before), projectName: 'app', targetName: `${stage}-macos`, stage, dryRun: false };
  try {
    if (stage === 'sign') {
      const options = signOptions.parse({ backend: 'apple', adHoc: true, allowUnproved: 'no Mac here' });
      planSign({ ...context, options } as unknown as StageContext<SignOptions>, {});
    }
    if (stage === 'notarize') planNotarize({ ...context, options: notarizeOptions.parse({}) } as unknown as StageContext<NotarizeOptions>, {});
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    return error.code;
  }
  return undefined;
}

type Stop = readonly [stage: string, code: string] | undefined;
const CODES: Readonly<Record<string, string>> = { sign: 'SIGN_ORDER', notarize: 'NOTARIZE_ORDER' };

/** Where a release in this order ends, as `judge` says of each stage and those before it. */
function endOf(order: readonly string[], judge: (stage: string, before: readonly string[]) => string | undefined): Stop {
  for (const [place, stage] of order.entries()) {
    const code = stage in CODES ? judge(stage, order.slice(0, place)) : undefined;
    if (code !== undefined) return [stage, code];
  }
  return undefined;
}

/** By the table alone. */
const byTable = (stage: string, before: readonly string[]): string | undefined =>
  before.some((other) => DRAWN.indexOf(other) > DRAWN.indexOf(stage)) ? CODES[stage] : undefined;

it('of random orders of stages only those run in which signing and notarization stand where the stage table has them', () => {
  const next = seededRandom(20_261_127);
  const orders = Array.from({ length: ORDERS }, () => drawOrder(next));
  const ends = orders.map((order) => [order, endOf(order, refusal)]);
  expect(ends).toEqual(orders.map((order) => [order, endOf(order, byTable)]));
  for (const stage of [undefined, 'sign', 'notarize']) expect(ends.filter(([, end]) => end?.[0] === stage).length).toBeGreaterThan(50);
  expect(refusal('notarize', ['package', 'smoke', 'sign'])).toBeUndefined();
});
