import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { archiveManifestName, makeRecord, type Artifact } from '@waybill/artifacts';
import { temporaryFolder } from '@waybill/core/testing';
import type { UpstreamArtifact } from '@waybill/plugin-kit';
import { archiveMacos, MACOS_ARCHIVE, unsignedBundle } from '../testing/macos-bundle';
import { unsignedApp } from '../testing/unsigned-app';
import { findArchivesWithApp } from './archive-manifests';

const folder = temporaryFolder();

/** What a target recorded, or is going to; the archive's file is `content`, or is not there. */
function upstreamOf(planned: boolean, names: readonly string[], content?: Uint8Array): Parameters<typeof findArchivesWithApp>[0] {
  const artifacts = names.map((name): Artifact => ({
    ...{ name, path: name, kind: name.endsWith('.json') ? 'delivery' : 'bundle-archive', ships: true },
    ...{ size: 0, sha256: '0'.repeat(64), madeFrom: [] },
  }));
  const head = { project: 'app', target: 'sign-macos', stage: 'sign', version: '1.0', sourceDateEpoch: 1_580_601_600 };
  const record = makeRecord({ ...head, artifacts, facts: {} });
  if (content) writeFileSync(join(folder.path, MACOS_ARCHIVE), content);
  const file = (name: string): string => join(folder.path, content ? name : `none-${name}`);
  const upstream = artifacts.map((one): UpstreamArtifact => ({ ...one, ...head, file: file(one.name), record }));
  return { upstream, upstreamRecords: [{ ...head, folder: folder.path, record, planned, madeHere: true }] };
}

const BESIDE = archiveManifestName(MACOS_ARCHIVE);

it('what an archive holds is looked up in it, and where it is only planned, what is planned beside it tells', async () => {
  const [app, plain] = [await archiveMacos(unsignedApp(), 'zip'), await archiveMacos(unsignedBundle())];
  const found = async (...upstream: Parameters<typeof upstreamOf>): Promise<readonly string[]> => [
    ...(await findArchivesWithApp(upstreamOf(...upstream))),
  ];
  expect(await found(false, [MACOS_ARCHIVE], app)).toEqual([MACOS_ARCHIVE]);
  expect(await found(false, [MACOS_ARCHIVE, BESIDE], plain)).toEqual([]);
  expect(await found(true, [MACOS_ARCHIVE, BESIDE])).toEqual([MACOS_ARCHIVE]);
  expect(await found(true, [MACOS_ARCHIVE])).toEqual([]);
});

it('an archive that cannot be read is left to those who open it', async () => {
  const app = await archiveMacos(unsignedApp());
  expect(await findArchivesWithApp(upstreamOf(false, [MACOS_ARCHIVE], Buffer.from('no archive')))).toEqual(new Set());
  expect(await findArchivesWithApp(upstreamOf(false, [MACOS_ARCHIVE], app.subarray(0, 40)))).toEqual(new Set());
});
