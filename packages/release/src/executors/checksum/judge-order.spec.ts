import { STAGES, archiveManifestName, makeRecord, type ArtifactKind } from '@waybill/artifacts';
import { hashBytes } from '@waybill/core';
import type { UpstreamRecord } from '@waybill/plugin-kit';
import { orderFault } from './judge-order';

const CHANGING = ['package', 'sign', 'notarize'];
const LISTING = ['sign', 'notarize'];
const MOST = 4;

/** A chain in which every stage makes the same archive anew from the one before, and those that sign and staple the manifest beside it. */
const chain = (stages: readonly string[]): readonly UpstreamRecord[] =>
  stages.map((stage, index) => {
    const target = `${stage}-${index}`;
    const digest = (step: number): string => String(step + 1).repeat(64);
    const artifact = {
      name: 'app.tar.gz',
      path: 'app.tar.gz',
      kind: 'bundle-archive' as ArtifactKind,
      ships: true,
      size: 1,
      sha256: digest(index),
      madeFrom: index === 0 ? [] : [`sha256:${digest(index - 1)}`],
    };
    const name = archiveManifestName(artifact.name);
    const manifest = {
      ...artifact,
      name,
      path: name,
      kind: 'delivery' as const,
      sha256: hashBytes(artifact.sha256),
      madeFrom: [`sha256:${digest(index)}`],
    };
    const artifacts = [artifact, ...(LISTING.includes(stage) ? [manifest] : [])];
    const record = makeRecord({ project: 'app', target, stage, version: '1.0', sourceDateEpoch: 1_580_601_600, artifacts, facts: {} });
    return { project: 'app', target, folder: '/nowhere', record, planned: false, madeHere: true };
  });

const orders = (length: number, of: readonly string[]): readonly (readonly string[])[] =>
  length === 0 ? [[]] : orders(length - 1, of).flatMap((start) => of.map((stage) => [...start, stage]));

const isLegal = (stages: readonly string[]): boolean => {
  const places = stages.map((stage) => STAGES.findIndex((row) => row.stage === stage));
  return stages.every((stage) => CHANGING.includes(stage)) && places.every((place, index) => index === 0 || place > places[index - 1]!);
};

it('accepts, of all orders of stages, only those of the stage table', () => {
  const all = Array.from({ length: MOST }, (_, length) => orders(length + 1, [...CHANGING, 'smoke', 'checksum', 'publish'])).flat();
  const accepted = all.filter((stages) => orderFault(chain(stages)) === undefined);
  expect(all.length).toBeGreaterThan(1_500);
  expect(accepted).toEqual(all.filter(isLegal));
  expect(accepted).toContainEqual(['package', 'sign', 'notarize']);
});
